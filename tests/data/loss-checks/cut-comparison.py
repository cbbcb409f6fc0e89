# verdict: cut
# line: 5
# rewrite: A soft comparison
def loss(logits, labels):
    keep = labels != -100
    p = F.softmax(logits[keep], dim=-1)
    right = p.gather(-1, labels[keep][:, None])[:, 0]
    sure = right > 0.5
    return 1 - sure.float().mean()
