def loss(logits, labels, label_smoothing: float = 0.0):
    keep = labels != -100
    return F.cross_entropy(logits[keep], labels[keep], label_smoothing=label_smoothing)
