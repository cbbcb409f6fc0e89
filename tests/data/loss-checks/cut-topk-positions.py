# verdict: cut
# line: 3
# rewrite: Expected error
def loss(logits, labels):
    keep = labels != -100
    values, places = logits[keep].topk(5, dim=-1)
    hit = (places == labels[keep][:, None]).any(dim=-1)
    return 1 - hit.float().mean()
