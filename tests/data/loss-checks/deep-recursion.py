# verdict: memory
# line: 2
def f(x):
    return f(x)

def loss(logits, labels):
    return f(logits).mean()
