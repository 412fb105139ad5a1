"""What a model sees, as arrays: record (every layer's output), class_maps, filters, kernels; plots draws them."""
