# verdict: error
def loss(logits, labels):
    return logits.softmax(-1)
