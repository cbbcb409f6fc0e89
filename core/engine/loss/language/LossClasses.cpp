// The loss classes of torch.nn: made with their options, then called; the functions of nn.functional do the work.
#include <algorithm>
#include <array>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

struct LossClass {
    const char* name;
    const char* function;  // of torch.nn.functional
    const char* options;   // of the constructor, in PyTorch's order
};

constexpr std::array<LossClass, 24> kClasses = {{
    {"CrossEntropyLoss", "cross_entropy",
     "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', label_smoothing=0.0"},
    {"NLLLoss", "nll_loss", "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'"},
    {"KLDivLoss", "kl_div", "size_average=None, reduce=None, reduction='mean', log_target=False"},
    {"MSELoss", "mse_loss", "size_average=None, reduce=None, reduction='mean'"},
    {"L1Loss", "l1_loss", "size_average=None, reduce=None, reduction='mean'"},
    {"SmoothL1Loss", "smooth_l1_loss", "size_average=None, reduce=None, reduction='mean', beta=1.0"},
    {"HuberLoss", "huber_loss", "reduction='mean', delta=1.0"},
    {"BCELoss", "binary_cross_entropy", "weight=None, size_average=None, reduce=None, reduction='mean'"},
    {"BCEWithLogitsLoss", "binary_cross_entropy_with_logits",
     "weight=None, size_average=None, reduce=None, reduction='mean', pos_weight=None"},
    {"CosineEmbeddingLoss", "cosine_embedding_loss", "margin=0.0, size_average=None, reduce=None, reduction='mean'"},
    {"MarginRankingLoss", "margin_ranking_loss", "margin=0.0, size_average=None, reduce=None, reduction='mean'"},
    {"HingeEmbeddingLoss", "hinge_embedding_loss", "margin=1.0, size_average=None, reduce=None, reduction='mean'"},
    {"TripletMarginLoss", "triplet_margin_loss",
     "margin=1.0, p=2.0, eps=1e-06, swap=False, size_average=None, reduce=None, reduction='mean'"},
    {"SoftMarginLoss", "soft_margin_loss", "size_average=None, reduce=None, reduction='mean'"},
    {"PoissonNLLLoss", "poisson_nll_loss", "log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean'"},
    {"GaussianNLLLoss", "gaussian_nll_loss", "*, full=False, eps=1e-06, reduction='mean'"},
    {"MultiMarginLoss", "multi_margin_loss", "p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction='mean'"},
    {"Softmax", "softmax", "dim=None"},
    {"LogSoftmax", "log_softmax", "dim=None"},
    {"Sigmoid", "sigmoid", ""},
    {"Tanh", "tanh", ""},
    {"ReLU", "relu", ""},
    {"GELU", "gelu", ""},
    {"CosineSimilarity", "cosine_similarity", "dim=1, eps=1e-08"},
}};

const ObjectType* g_class_types = nullptr;

// The object holds its function, then the names and values of its options.
Value construct(Context& context, const NativeFunction& self, std::span<Value> args) {
    const auto found =
        std::ranges::find(kClasses, std::string_view(self.short_name), [](const LossClass& one) { return std::string_view(one.name); });
    auto heap = std::make_shared<ObjectValue>();
    heap->type = g_class_types;
    heap->values.push_back(Library::instance().spaces().find("torch.nn.functional")->second.members.find(found->function)->second);
    for (std::size_t i = 0; i < args.size(); ++i) {
        heap->values.emplace_back(self.signature.items[i].name);
        heap->values.push_back(args[i]);
    }
    (void)context;
    return {ValueKind::Object, std::move(heap)};
}

Value call_loss(Context& context, const NativeFunction&, Arguments given, Keywords keywords) {
    const Value self = given[0];
    const auto& values = self.heap<ObjectValue>().values;
    std::vector<Keyword> all(keywords.begin(), keywords.end());
    for (std::size_t i = 1; i + 1 < values.size(); i += 2)
        if (!values[i + 1].is_none()) all.push_back({values[i].as_string(), values[i + 1]});
    return context.call(values[0], given.subspan(1), all);
}

[[noreturn]] Value no_module(Context& context, const NativeFunction& self, std::span<Value>) {
    context.fail(LossFault::Denied, "`" + self.name + "` is not part of the loss language: a loss has no weights of its own.",
                 "Use the functions of F; weights belong to the model.");
}

}  // namespace

void add_loss_classes(Library& library) {
    NativeFunction calling;
    calling.name = "nn loss";
    calling.short_name = "nn_loss";
    calling.raw = call_loss;
    library.object_types.push_back({"nn loss", {}, nullptr, library.add_free(std::move(calling))});
    g_class_types = &library.object_types.back();
    for (const auto& one : kClasses) library.add("torch.nn", std::string(one.name) + "(" + one.options + ")", construct);
    for (const char* name : {"Linear(*args)", "Embedding(*args)", "Module(*args)", "Parameter(*args)", "Sequential(*args)",
                             "LayerNorm(*args)", "Conv1d(*args)", "Dropout(*args)", "LSTM(*args)"})
        library.add("torch.nn", name, no_module);
}

}  // namespace lossmith::engine::language
