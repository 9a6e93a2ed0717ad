"""The fold: what one event of the log does to one case, and what the case then shows the world.

    case.py         what is remembered of an intent, and the errors' reasons
    quorum.py       whether distinct people fill all the routes
    view.py         the one document of all that reviewers are shown, and agree to
    fold.py         the transition table and `step`
    projections.py  request, verdict and grant as functions of a case

Pure: no clock, no chance, no files, no network. The same log gives the same bytes.
"""
