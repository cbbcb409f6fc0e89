# verdict: memory
# line: 2
def loss(logits, labels):
    x = torch.zeros(200000, 200000)
    return logits.mean() + x.mean()
