# verdict: error
# line: 1
def loss(logits, labels):
    keep = labels != -100
    F.cross_entropy(logits[keep], labels[keep])
