"""What is kept, held, shown and destroyed.

retention.py   what is kept for how long, and how it ends     keep_command.py   its commands
holds.py       what may not be erased while a matter lasts
shred.py       destroying what opens one intent's payload     shred_command.py  its command
reveal/        showing a reviewer more, granted by another person
"""
