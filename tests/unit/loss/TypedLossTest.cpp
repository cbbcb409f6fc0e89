#include "TypedLossTest.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <QTest>
#include <cmath>

#include "core/engine/loss/Loss.h"
#include "core/engine/loss/MadeUpBatch.h"
#include "core/tokenizer/Tokenizer.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

const LossSetting setting{97, 8, nullptr};

LossSpec typed(const std::string& body, const std::string& arguments = "logits, labels") {
    LossSpec spec;
    spec.name = "typed";
    spec.source = "def loss(" + arguments + "):\n" + body;
    return spec;
}

std::unique_ptr<Loss> made(const LossSpec& spec, const LossSetting& of = setting) {
    auto loss = make_loss(spec, of);
    if (!loss) qFatal("%s", describe(loss.error()).c_str());
    return *std::move(loss);
}

const std::string mean_of_kept = "    keep = labels != -100\n    return F.cross_entropy(logits[keep], labels[keep])\n";

}  // namespace

void TypedLossTest::a_mean_over_labelled_tokens_is_separable() {
    const auto own = made(typed(mean_of_kept));
    QVERIFY(own->separable_by_token());
    QVERIFY(own->unit() == LossUnit::Token);
    const LossInputs places = labelled_places(made_up_rows(setting, {}));
    LossInputs copy = places;
    copy.logits = places.logits.clone();
    const auto built_in = made(LossSpec{})->with_gradient(std::move(copy), 0.25);
    const auto ours = own->with_gradient(places, 0.25);
    QVERIFY(std::abs(ours->sum - built_in->sum) < 1e-4);
    QVERIFY((ours->at_logits - built_in->at_logits).abs().max().item<double>() < 1e-6);
    QVERIFY(!made(typed("    keep = labels != -100\n    return F.cross_entropy(logits[keep], labels[keep], reduction='sum')\n"))
                 ->separable_by_token());
}

void TypedLossTest::a_value_a_row_is_weighted_by_rows() {
    const auto loss =
        made(typed("    keep = labels != -100\n    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction='none')\n"
                   "    return (nll * keep).sum(1) / keep.sum(1)\n"));
    QVERIFY(loss->unit() == LossUnit::Row);
    QVERIFY(!loss->separable_by_token());
    const LossInputs rows = made_up_rows(setting, {});
    const double whole = loss->evaluate(rows)->sum.item<double>();
    const double first = loss->evaluate(stretch(rows, 0, 1))->sum.item<double>();
    const double second = loss->evaluate(stretch(rows, 1, 2))->sum.item<double>();
    QVERIFY(std::abs(whole - first - second) < 1e-3);
}

void TypedLossTest::parts_become_curves() {
    const auto loss =
        made(typed("    keep = labels != -100\n    nll = F.cross_entropy(logits[keep], labels[keep])\n"
                   "    return {'nll': nll, 'half': 0.5 * nll}\n"));
    const auto value = loss->with_gradient(labelled_places(made_up_rows(setting, {})), 1.0);
    QCOMPARE(value->parts.size(), 2U);
    QCOMPARE(value->parts[0].first, std::string("nll"));
    QVERIFY(std::abs(value->parts[0].second - 2 * value->parts[1].second) < 1e-3);
    QVERIFY(std::abs(value->sum - 1.5 * value->parts[0].second) < 1e-3);
}

void TypedLossTest::unshifted_labels_are_moved_on_by_one() {
    LossSpec spec =
        typed("    z = logits[:, :-1]\n    y = labels[:, 1:]\n    keep = y != -100\n    return F.cross_entropy(z[keep], y[keep])\n");
    spec.labels = "unshifted";
    LossInputs rows = made_up_rows(setting, {});
    rows.labels.slice(1, 6, 7).fill_(-100);  // nothing comes after the last token of a row
    const double ours = made(spec)->evaluate(rows)->sum.item<double>();
    const double theirs = made(typed(mean_of_kept))->evaluate(rows)->sum.item<double>();
    QVERIFY(std::abs(ours - theirs) < 1e-3);
}

void TypedLossTest::parameters_are_checked_by_name() {
    LossSpec spec = typed("    return weight * logits.mean()\n", "logits, labels, weight: float = 2.0");
    spec.parameters = {{"weight", 3.0}};
    QVERIFY(make_loss(spec, setting).has_value());
    spec.parameters = {{"wieght", 3.0}};
    const auto wrong = make_loss(spec, setting);
    QVERIFY(!wrong.has_value());
    QVERIFY(wrong.error().hint.find("weight") != std::string::npos);
    const auto missing = make_loss(typed("    return target.mean()\n", "logits, target"), setting);
    QVERIFY(!missing.has_value());
    QVERIFY(missing.error().where.line == 1);
}

void TypedLossTest::tokens_gives_a_texts_ids() {
    const auto tokenizer = *Tokenizer::gpt2();
    const auto loss =
        made(typed("    ids = tokens(\" refund\")\n    return F.softmax(logits, -1)[..., ids[0]].mean()\n"), {50257, 8, tokenizer.get()});
    QVERIFY(loss->evaluate(made_up_rows({50257, 8, nullptr}, {})).has_value());
}

void TypedLossTest::what_is_drawn_is_the_same_for_the_same_step() {
    const auto loss = made(typed("    return (logits + torch.rand_like(logits)).logsumexp(-1).mean()\n"));
    LossInputs rows = made_up_rows(setting, {});
    const double first = loss->evaluate(rows)->sum.item<double>();
    QCOMPARE(loss->evaluate(rows)->sum.item<double>(), first);
    rows.moment.step = 1;
    QVERIFY(loss->evaluate(rows)->sum.item<double>() != first);
}

void TypedLossTest::what_a_loss_changes_in_place_is_its_own() {
    const auto loss =
        made(typed("    labels[labels == -100] = 0\n    embeddings *= 0.0\n    input_ids += 1\n"
                   "    return F.cross_entropy(logits.transpose(1, 2), labels) + embeddings.sum()\n",
                   "logits, labels, embeddings, input_ids"));
    const LossInputs rows = made_up_rows(setting, loss->needs());
    const at::Tensor labels = rows.labels.clone();
    const at::Tensor embeddings = rows.embeddings.clone();
    const at::Tensor ids = rows.input_ids.clone();
    QVERIFY(loss->evaluate(rows).has_value());
    QVERIFY(at::equal(rows.labels, labels) && at::equal(rows.embeddings, embeddings) && at::equal(rows.input_ids, ids));
}

void TypedLossTest::a_cut_loss_says_so_when_it_is_to_train() {
    const auto loss = made(typed("    return (logits.argmax(-1) != labels).float().mean()\n"));
    const auto outcome = loss->with_gradient(made_up_rows(setting, {}), 1.0);
    QVERIFY(!outcome.has_value());
    QVERIFY(outcome.error().message.find("No gradient") != std::string::npos);
}

#include "moc_TypedLossTest.cpp"
