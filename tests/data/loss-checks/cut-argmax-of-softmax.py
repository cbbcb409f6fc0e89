# verdict: cut
# line: 3
# rewrite: Log-probability of the label
def loss(logits, labels):
    p = torch.softmax(logits, dim=-1)
    guess = torch.argmax(p, -1).float()
    return (guess - labels.float()).abs().mean()
