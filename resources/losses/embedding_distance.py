def loss(logits, labels, embeddings, weight: float = 1.0, cross_entropy: float = 1.0):
    keep = labels != -100
    p = F.softmax(logits[keep], dim=-1)
    distance = ((p @ embeddings - embeddings[labels[keep]]) ** 2).sum(dim=-1)
    return {"cross_entropy": cross_entropy * F.cross_entropy(logits[keep], labels[keep]), "distance": weight * distance.mean()}
