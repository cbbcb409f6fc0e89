# verdict: timeout
# line: 2
def loss(logits, labels):
    while True:
        pass
    return logits.mean()
