# verdict: cut
# line: 3
# rewrite: Keep the tensor
def loss(logits, labels):
    keep = labels != -100
    return float(F.cross_entropy(logits[keep], labels[keep]))
