// What can be completed and inserted in a loss.
#include "ui/loss/LossWords.h"

#include <QCoreApplication>

namespace lossmith::ui {

namespace {

QString words_tr(const char* text) {
    return QCoreApplication::translate("LossWords", text);
}

struct KnownArgument {
    const char* name;
    const char* note;
};

constexpr KnownArgument known_arguments[] = {{"logits", "[rows, tokens, vocabulary]"},
                                             {"labels", "[rows, tokens]"},
                                             {"input_ids", "[rows, tokens]"},
                                             {"attention_mask", "[rows, tokens]"},
                                             {"label_mask", "[rows, tokens]"},
                                             {"base_logits", "[rows, tokens, vocabulary]"},
                                             {"hidden_states", "[rows, tokens, width]"},
                                             {"embeddings", "[vocabulary, width]"},
                                             {"step", "int"},
                                             {"progress", "float, 0 to 1"},
                                             {"problem", "str"},
                                             {"solution", "str"},
                                             {"generated", "str"},
                                             {"length", "int, tokens"},
                                             {"ended", "bool"}};

/// What rewards have beside the language, as docs/rewards.md tells it.
constexpr KnownArgument reward_functions[] = {
    {"exact_match(", "(text, solution) 0 or 1"}, {"number_match(", "(text, solution) 0 or 1"}, {"rouge_l(", "(text, solution) 0 to 1"},
    {"bleu(", "(text, solution) 0 to 1"},        {"chrf(", "(text, solution) 0 to 1"},         {"words(", "(text) list of str"},
    {"distinct_words(", "(text) 0 to 1"},        {"distinct_pairs(", "(text) 0 to 1"},         {"copied_words(", "(text) int"}};

constexpr const char* functions[] = {"torch.softmax",
                                     "torch.log_softmax",
                                     "torch.sigmoid",
                                     "torch.logsumexp",
                                     "torch.exp",
                                     "torch.log",
                                     "torch.log1p",
                                     "torch.sqrt",
                                     "torch.abs",
                                     "torch.clamp",
                                     "torch.where",
                                     "torch.gather",
                                     "torch.cat",
                                     "torch.stack",
                                     "torch.sum",
                                     "torch.mean",
                                     "torch.max",
                                     "torch.min",
                                     "torch.argmax",
                                     "torch.topk",
                                     "torch.cumsum",
                                     "torch.arange",
                                     "torch.zeros",
                                     "torch.zeros_like",
                                     "torch.ones_like",
                                     "torch.full_like",
                                     "torch.tensor",
                                     "torch.einsum",
                                     "torch.matmul",
                                     "torch.norm",
                                     "torch.pow",
                                     "torch.no_grad",
                                     "torch.relu",
                                     "torch.tanh",
                                     "torch.isfinite",
                                     "torch.float32",
                                     "torch.long",
                                     "torch.bool",
                                     "torch.distributions.Categorical",
                                     "F.cross_entropy",
                                     "F.nll_loss",
                                     "F.kl_div",
                                     "F.mse_loss",
                                     "F.l1_loss",
                                     "F.smooth_l1_loss",
                                     "F.binary_cross_entropy_with_logits",
                                     "F.log_softmax",
                                     "F.softmax",
                                     "F.logsigmoid",
                                     "F.relu",
                                     "F.gelu",
                                     "F.softplus",
                                     "F.one_hot",
                                     "F.cosine_similarity",
                                     "F.embedding",
                                     "F.gumbel_softmax",
                                     "F.pad",
                                     "F.normalize",
                                     "nn.CrossEntropyLoss",
                                     "nn.KLDivLoss",
                                     "nn.MSELoss",
                                     "nn.NLLLoss",
                                     "nn.L1Loss",
                                     "nn.SmoothL1Loss",
                                     "nn.BCEWithLogitsLoss",
                                     "math.log",
                                     "math.exp",
                                     "math.sqrt",
                                     "math.pi",
                                     "tokens(",
                                     "print("};

}  // namespace

std::vector<CompletionWord> loss_words(const LossReport& report) {
    std::vector<CompletionWord> words;
    for (const KnownArgument& known : known_arguments) {
        QString note = QString::fromLatin1(known.note);
        for (const LossArgument& argument : report.arguments)
            if (argument.name == QLatin1String(known.name) && argument.shape)
                note = shape_text(argument.shape) + QLatin1Char(' ') + short_dtype(argument.dtype);
        words.push_back({QString::fromLatin1(known.name), note});
    }
    for (const LossArgument& argument : report.arguments) {
        const bool known = std::ranges::any_of(words, [&](const CompletionWord& word) { return word.word == argument.name; });
        if (!known) words.push_back({argument.name, shape_text(argument.shape)});
    }
    for (const LossParameter& parameter : report.parameters) words.push_back({parameter.name, parameter.type});
    if (report.is_reward)
        for (const KnownArgument& function : reward_functions)
            words.push_back({QString::fromLatin1(function.name), QString::fromLatin1(function.note)});
    for (const char* function : functions) words.push_back({QString::fromLatin1(function), {}});
    return words;
}

std::vector<LossSnippet> loss_snippets() {
    return {
        {words_tr("Cross-entropy"), words_tr("The usual loss, a value a token"),
         QStringLiteral("nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction=\"none\", ignore_index=-100)")},
        {words_tr("Log-probability of the label"), words_tr("How probable the model holds the right token"),
         QStringLiteral("keep = labels != -100\n"
                        "logp = torch.log_softmax(logits, dim=-1)\n"
                        "logp_label = logp.gather(-1, labels.clamp(min=0)[..., None])[..., 0]")},
        {words_tr("Mean over the labelled tokens"), words_tr("Takes padding and the problem out"),
         QStringLiteral("keep = labels != -100\n"
                        "return (nll * keep).sum() / keep.sum()")},
        {words_tr("Expected cost"), words_tr("A cost for each token of the vocabulary, weighed by its probability"),
         QStringLiteral("p = torch.softmax(logits, dim=-1)\n"
                        "cost = torch.zeros_like(p[0, 0])\n"
                        "cost[tokens(\" refund\")] = 1.0\n"
                        "expected = (p * cost).sum(dim=-1)")},
        {words_tr("Entropy"), words_tr("How undecided the model is"),
         QStringLiteral("logp = torch.log_softmax(logits, dim=-1)\n"
                        "entropy = -(logp.exp() * logp).sum(dim=-1)")},
        {words_tr("KL to the base model"), words_tr("How far the model has moved from where it began"),
         QStringLiteral("logp = torch.log_softmax(logits, dim=-1)\n"
                        "base = torch.log_softmax(base_logits, dim=-1)\n"
                        "kl = (logp.exp() * (logp - base)).sum(dim=-1)")},
        {words_tr("Named parts"), words_tr("Each gets a curve of its own in the run"),
         QStringLiteral("return {\"likelihood\": nll.mean(), \"entropy\": -0.01 * entropy.mean()}")},
        {words_tr("A reward"), words_tr("In a text of its own: what the model writes is scored, and needs no slope"),
         QStringLiteral("def reward(solution, generated, ended):\n"
                        "    return {\"like the solution\": rouge_l(generated, solution), \"ends\": 0.2 if ended else 0.0}")},
    };
}

QString new_loss_source() {
    return QStringLiteral(
        "def loss(logits, labels):\n"
        "    keep = labels != -100\n"
        "    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction=\"none\", ignore_index=-100)\n"
        "    return (nll * keep).sum() / keep.sum()\n");
}

}  // namespace lossmith::ui
