"""Models that leave the house: written for other runtimes, opened again by these, and held against Keras.

formats.py     what there is, and what each needs
forward.py     what is exported: from pictures to probabilities, mirror image and all
metadata.py    what travels along
convert.py     the process that writes one file, by to_onnx.py, to_litert.py, to_openvino.py, to_saved_model.py or
               to_web.py (with web/, the page)
program.py     predict.py, which lies beside the exports and needs nothing of kerasvgg
measure.py     the process that runs an export through that program
proof.py       what it says beside what Keras says, and whether that may leave
int8.py        which layers stay in float32; rounding.py: how kernels are rounded; quantiser.py: files in int8
source.py      the model, and the pictures that decide; record.py: what came out, as export.json
work.py        one export after the other; export.py: the door
"""
