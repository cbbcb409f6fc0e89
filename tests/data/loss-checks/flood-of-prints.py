# verdict: memory
# line: 3
def loss(logits, labels):
    for i in range(100000):
        print("a line that is printed over and over again, without end")
    return logits.mean()
