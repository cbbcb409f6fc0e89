# verdict: error
# line: 2
# rewrite: Flatten both
def loss(logits, labels):
    return F.cross_entropy(logits, labels)
