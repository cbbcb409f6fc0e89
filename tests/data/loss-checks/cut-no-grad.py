# verdict: cut
# line: 4
# rewrite: Without no_grad
def loss(logits, labels):
    keep = labels != -100
    with torch.no_grad():
        log_p = F.log_softmax(logits[keep], dim=-1)
    return F.nll_loss(log_p, labels[keep])
