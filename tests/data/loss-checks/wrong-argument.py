# verdict: error
# line: 1
def loss(logits, targets):
    return logits.mean()
