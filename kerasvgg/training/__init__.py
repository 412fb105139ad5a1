"""Training in phases: phase and schedule (what is asked), batches, loop, callbacks, history, classifier (all of it).

teaching is what is learnt in place of labels. member is one of several processes that train as one, parallel how they
do. build makes the model that is trained; state, checkpoint and resume let it go on; guards stop what goes wrong;
learning_rate is the range test.
"""
