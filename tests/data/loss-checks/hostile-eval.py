# verdict: denied
# line: 2
def loss(logits, labels):
    return eval("logits.mean()")
