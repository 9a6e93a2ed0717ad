"""Words that make, join, or are no names of conditions (see `conditions`)."""

from streams.masking.lists import each

NO_DISEASE = each(
    """diagnosis prognosis anastomosis mitosis meiosis apoptosis osmosis homeostasis hemostasis
    stoma aroma diploma stroma coma soma oma roma paloma tacoma oklahoma sonoma genoma
    phagocytosis narcosis symbiosis psychotherapy osteopathy homeopathy naturopathy sympathy
    empathy telepathy trachoma metamorphosis stasis biopsy dose hypnosis gnosis"""
)
BARE = each(
    """carrier instability sequelae boil
    potassium sodium albright amelia bernard climatic deflection deletions denticles dermato
    candidid distomolar drug-induced dysfunctional embedded enlarged enterococcus erosive
    exfoliation fissured greyness hospitalism hyperimmunoglobulin inability individual
    investigation irregular kinking lobulated loose malleus marijuana monosomies morbid
    murine postcoital postinfective pseudomonas reovirus proteus robertsonian scrub sedative
    septal sixth squashed stone streptococcus tokelau trauma undescended uterus variations
    wrist worms achromic acholuric atonic atrioventricular bulky cloaca confluent
    discontinuity disturbances duplications endomyocardial exophthalmic extrapyramidal
    immunosuppressed leptospiral multinodular paramolar pernicious poxvirus retropharyngeal
    rectovaginal rectovesical meibomian imerslund bouveret bouba ecstasy congestion disease
    diseases syndrome syndromes disorder disorders infection infections failure
    insufficiency deficiency deficiencies injury injuries fever shock obstruction deformity
    edema strain tear burn rupture fracture ulcer cyst polyp abuse dependence deposits
    attacks conditions condition complication complications absence absent defects deletion
    reaction drug female feeding male fourth cheek brain callus ganglion caffeine corns
    excessive foot combat arrest hemorrhage poisoning prolapse hernia growth lesion pain
    mass abnormal abnormality findings delivery labor labour other anxiety depression stress
    delusions fits bites sting scar atrophy fibrosis calcification adhesions heart heat cold
    light motion sunlight noise"""
)
LINKS = each("""of in with without due to and the type stage grade class left right by secondary""")
JOINS = frozenset(["of", "due", "to", "with", "without", "in"])
SIDES = each("""right left upper lower both bilateral first second third no loss small large""")
NO_PLACE = each(
    """last this that his her my our their your two three four some any more many several addition
    case"""
)
DEGREES = each(
    """bowel intestinal colonic gastric esophageal biliary bile hepatic renal kidney liver lung
    pulmonary cardiac heart valve mitral aortic tricuspid valvular coronary cerebral brain
    spinal joint retinal corneal hearing visual bladder prostate uterine ovarian thyroid
    adrenal pituitary vascular arterial carotid cognitive intellectual poorly controlled
    uncontrolled invasive ductal lobular metastatic end-stage early-onset late-onset
    community-acquired hospital-acquired ventilator-associated treatment-resistant
    drug-resistant drug-induced alcohol-induced steroid-induced insulin-dependent
    non-insulin-dependent castration-resistant triple-negative small-cell non-small-cell
    non-small relapsing-remitting new-onset adult-onset juvenile-onset left-sided right-sided
    low-grade high-grade stage-iv advanced terminal refractory relapsed progressive
    decompensated compensated biopsy-proven insulin-requiring diet-controlled well-controlled
    ischemic nonischemic hemorrhagic septic congestive restrictive obstructive systolic
    diastolic"""
)
NO_MODIFIERS = each(
    """cause causes caused use uses need needs low high other any some new first history patient
    this that his her their"""
)
HEADS = each(
    """obstruction regurgitation effusion perforation ischemia necrosis atresia dissection
    occlusion impaction torsion infestation withdrawal intoxication impairment disability
    dysfunction stricture fistula insufficiency metastases metastasis stones polyps paralysis
    disease syndrome disorder infection cancer carcinoma neoplasm tumor tumour failure
    insufficiency fracture hemorrhage infarction fibrillation deficiency dystrophy palsy
    diabetes hernia ulcer abscess polyp cyst embolism thrombosis aneurysm edema dementia
    epilepsy neuralgia malformation abuse dependence addiction sprain laceration injury
    overdose obesity pregnancy hyperplasia dysplasia fibrosis cirrhosis prolapse rupture tear
    diseases disorders infections fractures injuries lymphoma leukemia hypertension
    hypotension pneumonia asthma depression anxiety psychosis"""
)
