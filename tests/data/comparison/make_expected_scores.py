"""Writes expected_scores.json: what the Python references give. Needs rouge_score, sacrebleu, numpy, scipy.

The texts are written for this file (CC0). Run it again after adding cases: python make_expected_scores.py
"""
import importlib.metadata
import json
import random

import numpy
import sacrebleu
import scipy.stats
from rouge_score import rouge_scorer

PAIRS = [
    ("We are sorry that your kettle did not arrive on Friday.", "We are sorry that your kettle did not arrive on Friday."),
    ("The smell is harmless. Wipe the lamp with warm water.", "The smell is harmless and comes from the packing. Wipe the vase with warm water."),
    ("and the old woman went into the forest", "We have asked the carrier to find the parcel."),
    ("", "Anything at all."),
    ("Anything at all.", "..."),
    ("one", "one"),
    ("one two", "one two three four five six seven"),
    ("one two three four five six seven", "one two"),
    ("the the the the the the the", "the cat is on the mat"),
    ("don't can't won't it's", "do not can not will not it is"),
    ("Costs $1,234.56 - or 3.5% more (see p. 7).", "Costs $1,234.56 -- or 3.5 % more; see p.7"),
    ("A &quot;quoted&quot; &amp; escaped <b>word</b>", "A \"quoted\" & escaped <b>word</b>"),
    ("line one\nline two\r\nline three", "line one line two\tline three"),
    ("hy-\nphen and <skipped> words", "hyphen and words"),
    ("1-2 3.4,5 .6 7, 8.", "1 - 2 3.4,5 0.6 7 8"),
    ("ünïcödé “quotes” – dash… x", "unicode \"quotes\" - dash... x"),
    ("Read 42 - 17 = 25 apples.\n#### 25", "42-17=<<42-17=25>>25 apples\n#### 25"),
    ("snake_case and kebab-case, e.g. a_b-c", "snake case and kebab case eg a b c"),
]

GENERATOR = random.Random(5)
WORDS = "we are sorry that your parcel lamp vase kettle did not arrive on monday friday , . the a of refund".split()
for _ in range(40):
    first = [GENERATOR.choice(WORDS) for _ in range(GENERATOR.randint(1, 40))]
    second = [w if GENERATOR.random() < 0.7 else GENERATOR.choice(WORDS) for w in first if GENERATOR.random() < 0.9]
    PAIRS.append((" ".join(first), " ".join(second)))
PAIRS.append((" ".join(GENERATOR.choice(WORDS) for _ in range(300)), " ".join(GENERATOR.choice(WORDS) for _ in range(280))))


# Replies as a model writes them: sentences dropped, repeated or put elsewhere, words misspelt, numbers off, marks glued to words.
SENTENCES = [
    "We are sorry that your kettle (order 10-4471) did not arrive on Friday.", "Please send us a photo of the damaged lamp by 5 p.m.",
    "A refund of $34.50 will reach your account within 3-5 working days.", "The smell is harmless; it comes from the packing.",
    "“Thank you,” said the clerk, “we shall look into it.”", "Wipe the vase with warm water & a soft cloth.",
    "Der Käufer erhält 12,50 € zurück.", "Клиент получит чайник в пятницу.", "If it does not help, don't hesitate to write again!",
    "x = (7 + 5) * 2 = 24, so the answer is 24.", "#### 24", "See https://example.org/help?id=7&lang=en for more.", "ok?!", "- item one\n- item two\n",
]


def spoilt(sentence):
    words = sentence.split(" ")
    for _ in range(GENERATOR.randint(0, 3)):
        at = GENERATOR.randrange(len(words))
        kind = GENERATOR.randrange(4)
        if kind == 0 and len(words) > 1:
            del words[at]
        elif kind == 1:
            words.insert(at, words[at])
        elif kind == 2:
            words[at] = words[at][::-1]
        else:
            words[at] = words[at].upper()
    return " ".join(words)


# rouge_score knows only ASCII words, and it shall see 200 pairs as well.
while sum((text + solution).isascii() for text, solution in PAIRS) < 200:
    truth = GENERATOR.sample(SENTENCES, GENERATOR.randint(1, 6))
    reply = [spoilt(s) for s in truth if GENERATOR.random() < 0.85]
    if GENERATOR.random() < 0.3:
        GENERATOR.shuffle(reply)
    if GENERATOR.random() < 0.2:
        reply.append(GENERATOR.choice(SENTENCES))
    PAIRS.append((" ".join(reply), " ".join(truth)))

scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
pairs = []
for text, solution in PAIRS:
    pairs.append({
        "text": text,
        "solution": solution,
        # Beyond ASCII our words are those of every script; rouge_score drops them.
        "rouge_l": scorer.score(solution, text)["rougeL"].fmeasure if (text + solution).isascii() else None,
        "bleu": sacrebleu.sentence_bleu(text, [solution]).score / 100,
        "chrf": sacrebleu.sentence_chrf(text, [solution]).score / 100,
    })

NUMBERS = numpy.random.default_rng(3)
tests = []
for size, shift in [(1, 1.0), (3, 0.4), (6, 0.5), (9, 0.3), (12, 0.1), (60, 0.12), (300, 0.0)]:
    base = NUMBERS.random(size).round(3)
    tuned = (base + NUMBERS.normal(shift, 0.4, size)).round(3)
    exact = size <= 12
    p = scipy.stats.permutation_test((tuned, base), lambda a, b, axis: numpy.mean(a - b, axis=axis), permutation_type="samples", vectorized=True,
                                     n_resamples=numpy.inf if exact else 200000, rng=numpy.random.default_rng(1)).pvalue if size > 1 else 1.0
    interval = scipy.stats.bootstrap((tuned,), numpy.mean, method="percentile", n_resamples=100000, rng=numpy.random.default_rng(1)).confidence_interval if size > 1 else None
    tests.append({"base": base.tolist(), "tuned": tuned.tolist(), "p": float(p), "exact": exact,
                  "mean": float(tuned.mean()), "low": float(interval.low) if interval else float(tuned[0]), "high": float(interval.high) if interval else float(tuned[0])})

with open("expected_scores.json", "w") as out:
    json.dump({"versions": {"sacrebleu": sacrebleu.__version__, "rouge_score": importlib.metadata.version("rouge-score"), "scipy": scipy.__version__}, "pairs": pairs, "tests": tests}, out, ensure_ascii=False, indent=1)
    out.write("\n")
