# verdict: denied
# line: 2
def loss(logits, labels):
    x = torch.load("/tmp/x.pt")
    return logits.mean()
