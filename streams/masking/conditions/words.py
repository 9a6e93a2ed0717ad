"""Words that make, join, or are no names of conditions (see `conditions`)."""

from streams.masking.vocabulary.lists import each

# Endings that conditions have; a plural `s` may follow.
SUFFIXES = tuple(
    each(
        """itis osis emia aemia oma pathy plegia paresis iasis penia megaly sclerosis stenosis
        trophy rrhagia ectasis ectasia dynia algia malacia edema cythemia myolysis
        hemolysis necrolysis osteolysis dermolysis eosinophilia neutrophilia
        hemophilia basophilia paraphilia cytosis thyroidism pituitarism
        aldosteronism gonadism cortisolism androgenism parathyroidism somnia thymia
        phrenia cephaly dactyly schisis spasticity bronchospasm laryngospasm
        vasospasm dysplasia hyperplasia aplasia hypoplasia neoplasia agenesis
        dysgenesis cholestasis metastasis metastases hydrocele varicocele
        meningocele cystocele rectocele encephalocele omphalocele blepharoptosis
        dyslexia dyspraxia aphasia dystonia hypotonia myotonia myasthenia paronychia
        porphyria phenylketonuria alkaptonuria cystinuria pemphigoid emphysema
        pneumothorax hemothorax phobia hydrocephalus microcephalus claudication
        strabismus nystagmus amblyopia myopia hyperopia presbyopia hypertension
        hypotension diabetes insipidus lymphoma carcinoma sarcoma leukemia leukaemia
        blastoma varices hernia fibrosis cirrhosis infarct pseudocyst
        immunodeficiency coarctation ureterocele asthenia pneumonia embolus"""
    )
)
NO_DISEASE = each(
    """diagnosis prognosis anastomosis mitosis meiosis apoptosis osmosis homeostasis hemostasis
    stoma aroma diploma stroma coma soma oma roma paloma tacoma oklahoma sonoma genoma
    phagocytosis endocytosis exocytosis pinocytosis transcytosis narcosis symbiosis
    psychotherapy osteopathy homeopathy naturopathy allopathy sympathy empathy telepathy
    apathy antipathy metamorphosis stasis biopsy dose hypnosis gnosis misdiagnosis
    autodiagnosis underdiagnosis overdiagnosis antibiosis kurtosis academia bohemia
    jeremia macadamia nostalgia euglycemia normoglycemia normokalemia euvolemia thoma
    bibliophilia eutrophy atrophy hypertrophy edema telediagnosis idiopathy genogram
    necropathy self-diagnosis photophobia phonophobia hydrophobia nonmetastasis villous
    toma proxima electrohomeopathy psychodiagnosis ketosis-prone"""
)
BARE = each(
    """carrier instability sequelae boil potassium sodium albright amelia bernard climatic
    deflection deletions denticles dermato candidid distomolar drug-induced dysfunctional
    embedded enlarged enterococcus erosive exfoliation fissured greyness hospitalism
    hyperimmunoglobulin inability individual investigation irregular kinking lobulated
    loose malleus marijuana monosomies morbid murine postcoital postinfective pseudomonas
    reovirus proteus robertsonian scrub sedative septal sixth squashed stone streptococcus
    tokelau trauma undescended uterus variations wrist worms achromic acholuric atonic
    atrioventricular bulky cloaca confluent discontinuity disturbances duplications
    endomyocardial exophthalmic extrapyramidal immunosuppressed leptospiral multinodular
    paramolar pernicious poxvirus retropharyngeal rectovaginal rectovesical meibomian
    imerslund bouveret bouba ecstasy congestion disease diseases syndrome syndromes
    disorder disorders infection infections failure insufficiency deficiency deficiencies
    injury injuries fever shock obstruction deformity edema strain tear burn rupture
    fracture ulcer cyst polyp abuse dependence deposits attacks conditions condition
    complication complications absence absent defects deletion reaction drug female
    feeding male fourth cheek brain callus ganglion caffeine corns excessive foot combat
    arrest hemorrhage poisoning prolapse hernia growth lesion pain mass abnormal
    abnormality findings delivery labor labour other anxiety depression stress delusions
    fits bites sting scar atrophy fibrosis calcification adhesions heart heat cold light
    motion sunlight noise pregnancy pregnancies allergy allergies menopause"""
)
LINKS = each("""of in with without due to and the type stage grade class left right by secondary""")
NO_MODIFIERS = each(
    """cause causes caused use uses need needs low high other any some new first history patient
    this that his her their during the than between both after another certain time system
    hospital book office record about active activated activation after arising child
    childhood baby infant toddler care center class clinically consumption contact control
    current day demand descriptions desire determine difficult direct effect elective
    evidence exposure five nine two half form forms foreign future growth habit hers human
    identity implant implantation insertion intake interest issue language large late less
    long mention more most motion mouth morning news north not novel one only operating
    operation or own past pars phase possession post present presence procedure procedures
    provisional question radiography region related release report result resulting
    reverse right left schedule second sequelae showing sign signs since site sites songo
    specific specified stage standard such susceptible suspected symptom symptoms third
    fourth timing tick to total treatment treating two type types unidentified unknown use
    variant versus vital war with without word world years adult surgery surgical
    evaluation delivery group grade age rate rates value drug food level levels transfer
    reconstitution predominant predominantly project family female male american chinese
    japanese european african western eastern southern northern asian korean french
    mountain river garden milk stable apparent arch milder house test tests plan protocol
    and"""
)
MODIFIERS = each(
    """bowel intestinal colonic gastric esophageal biliary bile hepatic renal kidney liver lung
    pulmonary cardiac heart valve mitral aortic tricuspid valvular coronary cerebral brain
    spinal joint retinal corneal hearing visual bladder prostate uterine ovarian thyroid
    adrenal pituitary vascular arterial carotid cognitive intellectual poorly controlled
    uncontrolled invasive ductal lobular metastatic end-stage early-onset late-onset
    castration-resistant triple-negative small-cell non-small-cell non-small
    relapsing-remitting new-onset low-grade high-grade advanced terminal refractory
    relapsed progressive decompensated compensated ischemic nonischemic hemorrhagic septic
    congestive restrictive obstructive systolic diastolic acute subacute chronic recurrent
    persistent paroxysmal permanent intermittent episodic longstanding long-standing
    lifelong massive submassive mild moderate severe profound critical worsening resolving
    resolved unresolved untreated undiagnosed residual active-phase early uncomplicated
    complicated simple complex primary secondary tertiary essential idiopathic hereditary
    inherited familial genetic congenital acquired neonatal infantile juvenile adolescent
    childhood-onset adult-onset senile gestational postpartum perinatal maternal fetal
    latent disseminated generalized localized diffuse focal multifocal bilateral
    unilateral proximal distal anterior posterior lateral medial inferior superior central
    peripheral superficial deep upper lower middle external internal left right
    seropositive seronegative positive negative sporadic symptomatic asymptomatic silent
    occult reactive traumatic nontraumatic atraumatic spontaneous iatrogenic postoperative
    nosocomial viral bacterial fungal parasitic aseptic pyogenic suppurative purulent
    necrotizing gangrenous perforated ruptured incarcerated strangulated obstructed
    bleeding infected impacted displaced nondisplaced comminuted open closed compound
    hairline greenstick spiral oblique transverse compression burst avulsion stress
    pathologic pathological osteoporotic fragility intertrochanteric subtrochanteric
    supracondylar bimalleolar trimalleolar periprosthetic alcoholic nonalcoholic
    non-alcoholic alcohol diabetic nondiabetic hypertensive uremic metabolic autoimmune
    inflammatory allergic eosinophilic lymphocytic collagenous ulcerative granulomatous
    interstitial membranous nephrotic nephritic malignant benign borderline premalignant
    precancerous cancerous inoperable unresectable resectable recurring
    hormone-receptor-positive squamous basal clear papillary follicular medullary
    anaplastic mucinous serous epithelial mesenchymal stromal germ neuroendocrine
    carcinoid merkel mantle marginal large small giant hairy sickle mast plasma t-cell
    b-cell diffuse atrial ventricular supraventricular atrioventricular septal sinus nodal
    junctional bundle av multivessel multi-vessel femoral iliac popliteal subclavian
    jugular portal mesenteric lumbar cervical thoracic sacral cranial nasal oral dental
    pharyngeal laryngeal tracheal bronchial pleural pericardial peritoneal abdominal
    pelvic rectal anal perianal vaginal vulvar penile testicular scrotal urethral ureteral
    urinary fallopian tubal mammary pancreatic splenic duodenal jejunal ileal cecal
    appendiceal lymphatic dermal cutaneous subcutaneous ocular optic macular vitreous
    orbital otic auditory vestibular sensorineural conductive bipolar unipolar manic
    depressive psychotic schizoaffective paranoid catatonic dissociative delusional
    obsessive compulsive anxious panic mood personality eating sleep substance opioid
    cannabis cocaine crack stimulant nicotine tobacco amphetamine methamphetamine heroin
    fentanyl benzodiazepine polysubstance conduct attention attention-deficit spectrum
    affective seasonal antisocial narcissistic histrionic avoidant dependent schizotypal
    gaming gambling hoarding binge adjustment somatic conversion factitious tic movement
    seizure neurocognitive neurodegenerative neurodevelopmental demyelinating
    mitochondrial lysosomal storage glycogen aplastic hemolytic macrocytic microcytic
    megaloblastic normocytic pernicious sideroblastic myeloid myelogenous lymphoid
    lymphoblastic promyelocytic parkinsonian lupus gouty rheumatic rheumatoid psoriatic
    septicemic staph strep staphylococcal streptococcal pneumococcal meningococcal
    gonococcal chlamydial herpetic candidal cryptococcal pneumocystis tuberculous
    syphilitic enteric foodborne waterborne bloodstream skin soft-tissue wound tooth gum
    ear eye throat chest toe nail finger foot leg arm hand hip knee ankle wrist elbow
    shoulder back neck head scalp face jaw nose bone muscle tendon ligament nerve disc
    disk cartilage rib pelvis breast colon colorectal stomach esophagus pancreas
    gallbladder spleen appendix rectum anus uterus cervix endometrial ovary testicle penis
    vulva skin-fold tongue lip mouth tonsil sinusoidal blood bloodborne vein artery lymph
    node tissue organ multiorgan multi-organ radiation chemical thermal electrical sun
    frost insulin glucose iron zinc copper vitamin folate folic magnesium calcium
    potassium phosphate protein calorie factor enzyme hormone growth-hormone testosterone
    cortisol lactase chest-wall hypoxic hypoxemic hypercapnic hypercarbic respiratory
    circulatory cardiogenic hypovolemic anaphylactic neurogenic distributive toxic
    pressure venous stasis arteriovenous decubitus peptic aphthous corneoscleral varicose
    neuropathic high-risk low-risk intermediate-risk life-threatening well poorly
    newly-diagnosed sugar bacillary amoebic amebic cystic polycystic hydatid fibrocystic
    dermoid epidermoid ganglion degenerative rotator cuff meniscal labral acl mcl pcl
    cold-induced exercise-induced cough-variant age-related wet dry peanut nut shellfish
    latex egg mental psychiatric behavioral emotional developmental learning speech
    language-processing sexual reproductive menstrual premenstrual thyroid-eye parathyroid
    endocrine immune immunodeficiency clotting coagulation bleeding-prone platelet
    water-borne tick-borne mosquito-borne tickborne sexually transmitted traumatic-brain
    postconcussive concussive whiplash crush blunt penetrating opportunistic breakthrough
    catheter line port pin mesh hardware graft device-related flu influenza covid covid-19
    hiv rsv mrsa mssa vre esbl cmv ebv hsv vzv hpv hbv hcv cre c-diff diff coli pylori
    aureus pneumoniae difficile klebsiella pseudomonas salmonella shigella enterococcal
    enterococcus listeria legionella mycoplasma candida aspergillus histoplasma
    campylobacter giardia norovirus rotavirus adenovirus rhinovirus parvovirus clostridium
    clostridioides falciparum vivax proliferative nonproliferative exudative serpiginous
    clinically-significant decompensating inducible rapid slow complete incomplete partial
    class-iii morbid-obesity nonspecific unspecified undifferentiated mixed combined virus
    viruses receptor estrogen progesterone mac sigmoid floor cannabinoid variable end
    nocturnal diurnal multinodular uninodular saddle unstageable cyclic cold warm brittle
    labile hyperosmolar hyperglycemic hypoglycemic ketotic mca aca lad rca lcx iga igg igm
    ige lv rv gi gu cns thick thin ground-glass wide narrow rotational degenerating
    tension cluster menstrual abdominal-wall incisional ventral inguinal umbilical hiatal
    paraesophageal epigastric spigelian community healthcare ventilator cemental enamel
    periapical impacted wisdom carious rampant alveolar molar scleral conjunctival eyelid
    lacrimal choroidal uveal foveal nodal extranodal leptomeningeal osseous bony
    hepatosplenic excessive daytime shift-work circadian rem transfusion-dependent
    steroid-dependent oxygen-dependent dialysis-dependent"""
)
SIDES = each(
    """right left upper lower both bilateral first second third fourth fifth the his her their my
    your our big great small little mid middle one each entire"""
)
NO_PLACE = each(
    """last this that his her my our their your two three four some any more many several
    addition case a an the it him them which whom these those what unknown other age"""
)
ANATOMY = each(
    """abdomen achilles acetabulum ankle ankles antrum anus aorta appendix arch areola arm arms
    armpit armpits arteries artery axilla back belly bladder body bone bones bowel brain
    breast breasts bronchus bursa buttock buttocks calcaneus calf calves canal carpal
    cartilage cecum cerebellum cervix cheek cheeks chest chin clavicle coccyx colon
    conjunctiva cord cornea cuff diaphragm digit digits disc discs disk duct duodenum ear
    eardrum ears elbow elbows endometrium esophagus eye eyelid eyelids eyes face femur
    fibula finger fingers fingertip flank foot forearm forearms forehead gallbladder gland
    glands glans groin gum gums hallux hand hands head heart heel heels hip hips humerus
    hypopharynx ileum iliac intestine intestines iris ischium jaw jejunum joint joints
    kidney kidneys knee kneecap knees knuckle labia labrum larynx leg legs ligament
    ligaments limb limbs lip lips liver lobe lobes lung lungs mandible marrow maxilla
    mediastinum meninges meniscus metacarpal metatarsal mouth muscle muscles nail nails
    nasopharynx neck nerve nerves nipple node nodes nose nostril orbit oropharynx ovaries
    ovary palate palm palms pancreas patella pelvis penis perineum peritoneum phalanx
    pharynx pituitary pleura prostate radius rectum retina rib ribs rotator sacrum scalp
    scapula sclera scrotum septum shin shins shoulder shoulders sinus sinuses skin skull
    sole soles sphincter spine spleen sternum stomach talus teeth temple tendon tendons
    testicle testicles testis thigh thighs throat thumb thumbs thymus thyroid tibia toe
    toenail toenails toes tongue tonsil tonsils tooth torso trachea tract trunk ulna
    urethra ureter uterus uvula vagina valve valves vein veins vertebra vertebrae vessel
    vessels vulva wrist wrists extremity extremities acl mcl pcl hamstring quadriceps
    groins newborn prematurity pregnancy infancy childhood childbirth puerperium labor
    origin primary hemisphere lens macula vitreous ventricle atrium diskus region surface
    shaft bile"""
)
# After `with`, `without`, `in`: what belongs to the condition's own name.
COMPLEMENTS = each(
    """complication complications exacerbation exacerbations aura features feature fraction
    remission disturbance disturbances bleeding perforation obstruction gangrene coma rvr
    delusions hallucinations response involvement consciousness infarct healing nonunion
    malunion pregnancy childbirth dysfunction crisis asthmaticus migrainosus crises
    relapse flare angina manifestations instability paralysis failure seizures psychosis"""
)
COMPLEMENTING = each(
    """ejection psychotic reduced preserved mildly rapid ventricular of delayed routine loss full
    partial early sustained complete not and or acute severe any mention status behavioral
    other specified unspecified current"""
)
# Words that follow a name and are part of it: `beta thalassemia major`, `asthma exacerbation`.
POSTPOSED = each(
    """major minor simplex zoster vera gravis nervosa vulgaris planus mellitus insipidus
    gravidarum previa accreta increta percreta areata multiforme migrans capitis pedis
    corporis cruris versicolor unguium suppurativa tremens media externa interna fugax
    herpetiformis congenita obliterans imperfecta tarda bifida occulta fetalis neonatorum
    infantum dissecans ossificans deformans nodosum nodosa marginatum annulare pilaris
    rosea sicca universalis totalis rheumatica erythematosus epilepticus asthmaticus
    pectoris pulmonale excavatum carinatum valgus valgum varus varum rigidus equinovarus
    naevus pigmentosa acuta fulminans foliaceus perniosis flare flares flareup flare-up
    flare-ups exacerbation exacerbations crisis crises attack attacks episode episodes
    relapse recurrence carrier trait nos unspecified uncomplicated variant nodularis
    atrophicus sclerosus cordis papyraceus serpens gangrenosum granulomatosus pemphigoid
    nigricans mycoides dysplasia"""
)
APPOSED = each(
    """bipolar depressive unspecified uncomplicated recurrent severe moderate mild chronic acute
    bilateral nos paranoid mixed combined disorganized catatonic undifferentiated
    hypoactive hyperactive initial intractable persistent intermittent"""
)
BROKEN = each(
    """broken fractured sprained dislocated torn ruptured herniated bulging slipped pinched
    enlarged infected perforated detached collapsed blocked clogged leaky leaking burst
    twisted ingrown impacted inflamed frozen prolapsed underactive overactive pulled
    bruised strained crushed shattered cracked fatty hardened cancerous twisted abscessed
    failing"""
)
HEADS = each(
    """obstruction regurgitation effusion effusions perforation ischemia necrosis atresia
    occlusion impaction torsion infestation withdrawal intoxication impairment disability
    dysfunction stricture fistula insufficiency stones stone polyps paralysis neoplasm
    neoplasms tumor tumors tumour failure fracture fractures hemorrhage haemorrhage
    infarction fibrillation flutter dystrophy palsy ulcer ulcers abscess abscesses polyp
    cyst cysts embolism thrombosis thrombus aneurysm aneurysms malformation malformations
    abuse dependence addiction sprain sprains strain laceration lacerations injury
    injuries overdose prolapse rupture tear tears depression anxiety psychosis defect
    defects degeneration burn burns dislocation contusion bleed poisoning toxicity clot
    clots bleeding atrophy hypertrophy detachment nodule nodules wart warts mania apnea
    reflux purpura ataxia chorea retardation intolerance bleeds blindness deafness
    delirium dementia retinopathy shock arrest deformity contracture spasticity curvature
    adhesions dehiscence gangrene calculi calculus incontinence infertility hives
    impingement dysphoria depersonalization tachycardia bradycardia arrhythmia insomnia"""
)
# Heads that make a condition of whatever name stands before them: `Lynch syndrome`.
STRONG = each(
    """syndrome syndromes disease diseases disorder disorders infection infections cancer cancers
    carcinoma carcinomas lymphoma lymphomas sarcoma leukemia deficiency deficiencies
    overdose poisoning mutation mutations toxicity addiction anemia encephalitis
    meningitis arthritis dementia pneumonia bacteremia colitis thyroiditis palsy dystrophy
    ataxia chorea anomaly tumor tetralogy esophagus malformation contracture deformity
    fracture fractures purpura hepatitis"""
)
# Heads before which even a plain English word is part of the name.
ANY_BEFORE = each(
    """syndrome syndromes disorder disorders overdose toxicity poisoning deficiency addiction"""
)
NOT_BEFORE = each(
    """a an the this that these those his her my your our their its no any of for from with
    without and or in on at by to is was are were has had have been be being if as not new
    another some all each every which what whose possible suspected known probable likely
    prior previous rare common uncommon treat treats treating treated prevent prevents
    preventing prevention cause causes causing caused spread control fight transmit reduce
    reduces suspect confirm confirmed confirms develop develops developed diagnose
    diagnosed history same other such many most first second about against regarding re vs
    versus during before after until since because when where documentation chart survey
    record records billing license facility staff post-op postop underlying specific
    particular certain different serious general comorbid one two three several multiple
    more less whole entire also only then than so but who how why does do did can could
    may might will would should mimic mimics rule exclude excludes consider considers
    avoid report reports reported manage manages managing monitor screen follow review
    discuss explain coexisting concurrent current past today yesterday patient patients it
    he she they we i you there here into onto like unlike name named called measurable
    quality identified found clear hospital risk drug data patient's reportable notifiable
    communicable mystery weird strange short-term long-term discovered actual true
    apparent resulting ongoing potential given show shows showing get gets had having
    hidden person's persons reduce infectious"""
)
# Before a vaccine, a test, a clinic the name says nothing of this patient.
TESTS = each(
    """vaccine vaccines vaccination vaccinations shot shots booster boosters immunization
    immunizations immunisation titer titers jab jabs immunity immunoglobulin toxoid test
    tests testing swab swabs screen screening screenings screener panel serology
    serologies antibody antibodies antigen antigens pcr questionnaire assay assays
    anticoagulant"""
)
INSTITUTIONS = each(
    """center centers centre centres clinic clinics team teams team's unit units committee
    program programs registry service services prevention control management surveillance
    hotline line department office institute society association foundation season alert
    code level cart coordinator conference log scale score chart curve risk board
    awareness month walk specialist specialists nurse educator protocol bundle order cream
    cot utd given today status updated toxoid up"""
)
INSTITUTED = each(
    """stroke allergy cancer burn burns pain trauma injury injuries pregnancy overdose sepsis flu
    influenza lice seizure fever disease diseases infection infections infectious syndrome
    poison poisoning stress fracture headache tetanus tumor tumour"""
)
# Parts of much else than bodies: `a twisted cord`.
NO_PART = each(
    """cord cuff tract trunk body region shaft digit arch face primary origin canal labor birth"""
)
# Before `stage`, without a number: `end stage renal disease`.
ENDS = each("end early late advanced terminal final")
FLARES = each("exacerbation exacerbations flare flares")
GRADERS = each(
    """stage grade type class category level group degree nyha gold phase genotype bipolar
    gleason hurley fontaine"""
)
# Capitals that are also something else: conditions only after words that lead to a diagnosis.
DOUBTFUL = each(
    """ms ra pe mi hf af cf uc oa vt pd ad as cp sca sma ich sah ibd bv fa hd pid nec cdi hhs psc
    pbc sjs ten icp"""
)
# Said of much else: conditions only after such words, too.
CUED = each("piles crabs fits")
LEADS = each(
    """has have had with hx dx known diagnosed new severe chronic acute her his my prior old
    recurrent suspected possible likely for worsening advanced early massive submassive
    inferior anterior paroxysmal persistent bilateral of out o progressive remitting
    inactive stable"""
)
LOW_SAID = each(
    """htn copd chf t2dm t1dm gerd gout afib uti utis ckd esrd dvt adhd ptsd bph osa ibs pcos dka
    hld nstemi stemi ocd hiv cva tia rsv std sti mdd cad pvd vte aki nash nafld flu lice
    acne hives stye styes mpox mono warts polio mumps sids"""
)
