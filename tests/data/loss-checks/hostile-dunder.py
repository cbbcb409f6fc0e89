# verdict: denied
# line: 2
def loss(logits, labels):
    x = ().__class__.__bases__
    return logits.mean()
