# verdict: error
# line: 3
def loss(logits, labels):
    keep = labels != -100
      return keep.sum()
