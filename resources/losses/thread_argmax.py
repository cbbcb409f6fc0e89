def loss(logits, labels):
    p = torch.softmax(logits, dim=-1)
    guess = torch.argmax(p, dim=-1)
    keep = labels != -100
    wrong = (guess != labels) & keep
    return wrong.float().sum() / keep.sum()
