# verdict: error
# line: 2
def loss(logits, labels):
    return logits.meen()
