// Calling what can be called: functions of the program, of the allow-list, methods, types and objects.
#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <pthread.h>

#include <algorithm>
#include <optional>

#include "core/data/JsonFields.h"
#include "core/engine/loss/language/Evaluation.h"
#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

constexpr std::size_t kStackKept = 768U << 10U;  // for Torch's own work below us

// The lowest address that this thread's stack may reach.
const char* stack_floor() {
    thread_local const char* floor = [] {
        pthread_attr_t attributes;
        if (pthread_getattr_np(pthread_self(), &attributes) != 0) return static_cast<const char*>(nullptr);
        void* low = nullptr;
        std::size_t size = 0;
        pthread_attr_getstack(&attributes, &low, &size);
        pthread_attr_destroy(&attributes);
        return static_cast<const char*>(low) + std::min(kStackKept + size / 4, size / 2 + size / 4);
    }();
    return floor;
}

// One more call within calls, for as long as it lives.
struct Depth {
    explicit Depth(int& value) : depth(value) { ++depth; }
    ~Depth() { --depth; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    int& depth;
};

std::string function_shown(const FunctionNode& node) {
    return node.name == "<lambda>" ? std::string("This lambda") : "`" + node.name + "`";
}

}  // namespace

Evaluation::Evaluation(std::shared_ptr<const SyntaxTree> tree, HostFunctions host, const Budget& given, Observer* looking,
                       CancellationToken cancellation)
    : Context(given, looking, std::move(cancellation)),
      m_tree(std::move(tree)),
      m_host(std::move(host)),
      m_globals(m_tree->top.locals.size(), Value::unbound()),
      m_outside(m_tree->outside.size(), Value::unbound()) {
    where = &m_tree->top.where;
    const Library& library = Library::instance();
    for (std::size_t i = 0; i < m_outside.size(); ++i) {
        const std::string& name = m_tree->outside[i];
        const auto found = m_host ? std::ranges::find(*m_host, name, &NativeFunction::name) : std::deque<NativeFunction>::const_iterator{};
        if (m_host && found != m_host->end())
            m_outside[i] = Value::native(&*found);
        else if (const Value* builtin = library.builtin(name))
            m_outside[i] = *builtin;
    }
}

Evaluation::~Evaluation() = default;

void Evaluation::guard_stack() {
    const char here = 0;
    const char* address = &here;
    if (m_depth > budget.depth || address < stack_floor())
        fail(LossFault::Memory, "Functions call functions too deeply here; it was stopped.",
             "Does a function call itself without an end? Write a loop.");
}

std::shared_ptr<Cell> Evaluation::new_cell() {
    if (m_cells.size() > 256 && m_cells.size() == m_cells.capacity())
        std::erase_if(m_cells, [](const auto& cell) { return cell.expired(); });
    auto cell = std::make_shared<Cell>();
    m_cells.push_back(cell);
    return cell;
}

void Evaluation::keep_cells(const Value& function) {
    std::vector<Value> pending = {function};
    while (!pending.empty()) {
        const Value value = std::move(pending.back());
        pending.pop_back();
        if (!value.is(ValueKind::Function)) continue;
        for (const auto& cell : value.heap<FunctionValue>().cells) {
            if (std::ranges::find(m_kept, cell) != m_kept.end()) continue;
            m_kept.push_back(cell);
            pending.push_back(cell->value);
        }
    }
}

void Evaluation::finish() {
    for (const auto& weak : m_cells)
        if (const auto cell = weak.lock(); cell && std::ranges::find(m_kept, cell) == m_kept.end()) {
            const Value last = std::exchange(cell->value, Value::unbound());
        }
    m_cells.clear();
    observer = nullptr;
    // A tensor may hold the graph that holds this evaluation: what backward still reads, it reads without its history.
    const auto cut = [](Value& value) {
        if (value.is_tensor() && value.as_tensor().requires_grad()) value = Value(value.as_tensor().detach());
    };
    for (const auto& cell : m_kept) cut(cell->value);
    for (Value& value : m_globals) cut(value);
}

Value Evaluation::run(const std::string& name, const std::vector<std::pair<std::string, Value>>& arguments) {
    const auto given = std::ranges::find_if(arguments, [](const auto& argument) { return argument.second.is_tensor(); });
    if (given != arguments.end()) home = given->second.as_tensor().device();
    Frame top;
    top.node = &m_tree->top;
    (void)execute(m_tree->top.body, top);
    const auto& locals = m_tree->top.locals;
    const auto found = std::ranges::find(locals, name);
    static const SourceRange beginning{1, 1, 1, 2};
    if (found == locals.end() || !m_globals[static_cast<std::size_t>(found - locals.begin())].is(ValueKind::Function)) {
        where = &beginning;
        fail("There is no function `" + name + "` here.", "Write `def " + name + "(logits, labels):`.");
    }
    const Value function = m_globals[static_cast<std::size_t>(found - locals.begin())];
    where = &function.heap<FunctionValue>().node->where;
    std::vector<Keyword> keywords;
    for (const auto& [key, value] : arguments) keywords.push_back({key, value});
    return call(function, {}, keywords);
}

Frame Evaluation::frame_for(const FunctionValue& function, Arguments arguments, Keywords keywords) {
    const FunctionNode& node = *function.node;
    Frame frame;
    frame.node = &node;
    frame.function = &function;
    frame.slots.assign(node.locals.size(), Value::unbound());
    std::size_t next = 0;
    std::vector<bool> used(keywords.size(), false);
    int star_star = -1;
    for (std::size_t i = 0; i < node.parameters.size(); ++i) {
        const ParameterNode& parameter = node.parameters[i];
        using Kind = ParameterNode::Kind;
        if (parameter.kind == Kind::Star) {
            frame.slots[i] = tuple({arguments.begin() + static_cast<std::ptrdiff_t>(next), arguments.end()});
            next = arguments.size();
            continue;
        }
        if (parameter.kind == Kind::DoubleStar) {
            star_star = static_cast<int>(i);
            continue;
        }
        std::size_t keyword = keywords.size();
        for (std::size_t k = 0; k < keywords.size(); ++k)
            if (keywords[k].name == parameter.name) keyword = k;
        if (parameter.kind == Kind::Plain && next < arguments.size()) {
            if (keyword < keywords.size())
                fail(function_shown(node) + " got two values for the argument `" + parameter.name + "`.", "Give it once.");
            frame.slots[i] = arguments[next++];
        } else if (keyword < keywords.size()) {
            used[keyword] = true;
            frame.slots[i] = keywords[keyword].value;
        } else if (!function.defaults[i].is(ValueKind::Unbound)) {
            frame.slots[i] = function.defaults[i];
        } else {
            fail(function_shown(node) + " is missing the argument `" + parameter.name + "`.",
                 "Give it in the call, or give the parameter a default.");
        }
    }
    if (next < arguments.size())
        fail(function_shown(node) + " takes " + std::to_string(next) + " arguments by position but was given " +
                 std::to_string(arguments.size()) + ".",
             "Remove those it does not take.");
    Value rest;
    for (std::size_t k = 0; k < keywords.size(); ++k) {
        if (used[k]) continue;
        if (star_star < 0) {
            std::vector<std::string_view> known;
            for (const auto& parameter : node.parameters) known.push_back(parameter.name);
            const std::string near = nearest_name(keywords[k].name, known);
            fail(function_shown(node) + " has no parameter `" + std::string(keywords[k].name) + "`.",
                 near.empty() ? "Leave it out, or add the parameter." : "Did you mean `" + near + "`?");
        }
        if (rest.is_none()) rest = dict();
        rest.heap<DictValue>().set(Value(keywords[k].name), keywords[k].value);
    }
    if (star_star >= 0) frame.slots[static_cast<std::size_t>(star_star)] = rest.is_none() ? dict() : rest;
    for (std::size_t i = 0; i < node.captured.size(); ++i) {
        if (!node.captured[i]) continue;
        auto cell = new_cell();
        cell->value = std::move(frame.slots[i]);
        frame.slots[i] = Value(ValueKind::Cell, std::move(cell));
    }
    return frame;
}

Value Evaluation::call_function(const Value& callee, Arguments arguments, Keywords keywords) {
    const Value held = callee;  // the name that holds it may change meanwhile
    const FunctionValue& function = held.heap<FunctionValue>();
    const Depth depth(m_depth);
    guard_stack();
    const SourceRange* from = where;
    Frame frame = frame_for(function, arguments, keywords);
    std::optional<c10::AutoGradMode> mode;
    if (function.quiet) mode.emplace(false);
    Value result;
    if (function.node->expression)
        result = evaluate(*function.node->expression, frame);
    else if (execute(function.node->body, frame) == Flow::Return)
        result = std::move(frame.returned);
    where = from;
    return result;
}

Value Evaluation::call(const Value& callee, Arguments arguments, Keywords keywords) {
    switch (callee.kind()) {
        case ValueKind::Native: {
            const Depth depth(m_depth);
            guard_stack();
            return call_native(*this, callee.plain<NativeFunction>(), arguments, keywords);
        }
        case ValueKind::Function:
            step();
            if (!callee.heap<FunctionValue>().backward.is_none()) return call_with_gradient(*this, callee, arguments, keywords);
            return call_function(callee, arguments, keywords);
        case ValueKind::Bound: {
            const Value held = callee;
            const auto& bound = held.heap<BoundMethod>();
            std::vector<Value> all = {bound.self};
            all.insert(all.end(), arguments.begin(), arguments.end());
            return call(bound.function, all, keywords);
        }
        case ValueKind::Type:
            if (const NativeFunction* constructor = callee.plain<TypeValue>().constructor)
                return call_native(*this, *constructor, arguments, keywords);
            break;
        case ValueKind::Object:
            if (const NativeFunction* function = callee.heap<ObjectValue>().type->call) {
                std::vector<Value> all = {callee};
                all.insert(all.end(), arguments.begin(), arguments.end());
                return call_native(*this, *function, all, keywords);
            }
            break;
        default: break;
    }
    fail("'" + std::string(callee.type_name()) + "' object is not callable: it is no function.",
         callee.is_tensor()                ? "Is an operator missing before the bracket, or is [ ] meant?"
         : callee.is(ValueKind::Namespace) ? "Name the function in it, as in torch.softmax(…)."
                                           : "");
}

Value Evaluation::call_backward(const Value& callee, Arguments arguments) {
    restart();
    m_depth = 0;
    where = &m_tree->top.where;
    if (callee.is(ValueKind::Function)) where = &callee.heap<FunctionValue>().node->where;
    return call(callee, arguments, {});
}

}  // namespace lossmith::engine::language
