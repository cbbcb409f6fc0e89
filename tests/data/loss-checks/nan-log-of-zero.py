# verdict: not_finite
# line: 4
def loss(logits, labels):
    keep = labels != -100
    p = F.softmax(logits[keep] * 1000, dim=-1)
    logs = torch.log(p)
    return (logs * 0).mean()
