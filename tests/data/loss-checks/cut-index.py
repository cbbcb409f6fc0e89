# verdict: cut
# line: 3
# rewrite: Expected error
def loss(logits, labels, embeddings):
    keep = labels != -100
    guess = logits[keep].argmax(dim=-1)
    return (embeddings[guess] - embeddings[labels[keep]]).pow(2).sum(-1).mean()
