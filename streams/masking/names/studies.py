"""Studies and products written like a person's title and name: `MR Brain`, `DR Foot Left`, `MS Contin`."""

# ruff: noqa: E501 - a table of names, one row a line

from streams.masking.names.marks import Marks
from streams.masking.names.words import LOWER, NO
from streams.masking.vocabulary.lexicon import NEVER
from streams.masking.vocabulary.lists import each

_MODALITIES = each("MR DR CR CT US XR NM PT MG RF XA MRI MRA MRV CTA DX FL PET DEXA")
_PARTS = each(
    """abdomen abd ankle ankles aorta aortic angio angiogram angiography arm arthrogram arteries artery barium biliary bladder
    bone brachial brain breast breasts calcaneus cardiac carotid carotids cervical chest clavicle coccyx colon coronary
    cranial c-spine doppler elbow elbows enterography esophagus extremity extremities face facial fast femur femoral fetal
    fibula finger fingers foot forearm hand hands head heart heel hepatic hip hips humerus iac kidney kidneys knee knees
    kub larynx leg legs limb liver lower lumbar lung lungs lumbosacral mandible maxillofacial mediastinum mrcp nasal neck
    neuro orbit orbits ovarian pancreas paranasal patella pelvic pelvis pituitary plexus prostate pulmonary radius rectum
    renal retroperitoneum rib ribs runoff sacral sacroiliac sacrum scapula scrotum sella shoulder shoulders sinus sinuses
    skeletal skull soft spinal spine spleen sternum stomach temporal testicular testis thigh thoracic thorax thumb
    thyroid tibia tissue tissues tmj toe toes transvaginal trunk ulna upper urogram uterus vascular venogram vertebra
    vertebral whole wrist wrists body left right bilateral bilat bi"""
)
_MORE = each(
    """with without w wo contrast and or of the limited complete screening diagnostic views view lateral oblique ap pa
    axial sagittal coronal portable standing weight bearing protocol high resolution low dose routine followup series
    multi planar tracing marrow joint cord canal wall region area exam study scan portal cholangiogram guided biopsy
    iv oral gad gadolinium st dynamic functional perfusion"""
)
_PRODUCTS = {"ms": each("contin ir"), "dr": each("scholl scholls pepper")}


class Studies(Marks):
    """The step before titles are looked for."""

    def _studies(self) -> None:
        """Close the words of a study behind its modality, and those of a product."""
        for i, word in enumerate(self.words[:-1]):
            after = self.words[i + 1]
            if (
                word.text in _MODALITIES
                and after.shape != LOWER
                and after.low in _PARTS
                and self._near(i)
            ):
                self._studied(i)
            elif after.low in _PRODUCTS.get(word.low, ()) and self._near(i):
                self._shut(i)
                self._shut(i + 1)

    def _near(self, i: int) -> bool:
        return self.text[self.words[i].end : self.words[i + 1].start].strip(" :-") == ""

    def _studied(self, i: int) -> None:
        """Close a modality and what it shows, up to a word that belongs to neither."""
        self._shut(i)
        self.words[i].low = "mri"  # no title
        j = i + 1
        while j < len(self.words) and (self.words[j].low in _PARTS or self.words[j].low in _MORE):
            if len(self.text[self.words[j - 1].end : self.words[j].start].strip(" /-,&()")) > 0:
                break
            self._shut(j)
            j += 1

    def _shut(self, i: int) -> None:
        self.words[i].kind = NO
        self.words[i].flags |= NEVER
