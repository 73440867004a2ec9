"""Recognition with NumPy and ONNX Runtime alone: no torch."""
