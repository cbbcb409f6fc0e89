def loss(logits, labels, forbidden: str = " sorry", wanted: str = "", weight: float = 1.0, cross_entropy: float = 1.0,
         listed: TokenList = None):
    keep = labels != -100
    p = F.softmax(logits[keep], dim=-1)
    cost = torch.zeros(logits.shape[-1])
    for word in forbidden.split(","):
        for id in tokens(word):
            cost[id] = 1.0
    for id in listed or []:
        cost[id] = 1.0
    for word in wanted.split(","):
        for id in tokens(word):
            cost[id] = -1.0
    expected = (p * cost).sum(dim=-1)
    return {"cross_entropy": cross_entropy * F.cross_entropy(logits[keep], labels[keep]), "expected_cost": weight * expected.mean()}
