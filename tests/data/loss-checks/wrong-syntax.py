# verdict: error
# line: 2
def loss(logits, labels):
    return F.cross_entropy(logits, labels
