#include "core/engine/loss/language/Parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Lexer.h"
#include "core/engine/loss/language/Refusals.h"

namespace lossmith::engine::language {
namespace {

constexpr int kNesting = 80;     // of the parser's own recursion
constexpr int kTreeDepth = 150;  // of an expression

constexpr std::array<std::string_view, 35> kKeywords = {
    "False",  "None",     "True", "and",    "as",      "assert", "async",  "await",  "break", "class",  "continue", "def",
    "del",    "elif",     "else", "except", "finally", "for",    "from",   "global", "if",    "import", "in",       "is",
    "lambda", "nonlocal", "not",  "or",     "pass",    "raise",  "return", "try",    "while", "with",   "yield"};

struct BinarySymbol {
    std::string_view symbol;
    Operator op;
    int precedence;
};

constexpr std::array<BinarySymbol, 12> kBinary = {{{"|", Operator::Or, 1},
                                                   {"^", Operator::Xor, 2},
                                                   {"&", Operator::And, 3},
                                                   {"<<", Operator::ShiftLeft, 4},
                                                   {">>", Operator::ShiftRight, 4},
                                                   {"+", Operator::Add, 5},
                                                   {"-", Operator::Subtract, 5},
                                                   {"*", Operator::Multiply, 6},
                                                   {"/", Operator::Divide, 6},
                                                   {"//", Operator::FloorDivide, 6},
                                                   {"%", Operator::Modulo, 6},
                                                   {"@", Operator::MatrixMultiply, 6}}};

SourceRange from_to(const SourceRange& first, const SourceRange& last) {
    return {first.line, first.column, last.end_line, last.end_column};
}

class Parser {
public:
    explicit Parser(SyntaxTree& tree) : m_tree(tree), m_source(tree.source), m_tokens(tokens_of(tree.source)) {}

    void run() {
        m_functions.push_back(&m_tree.top);
        while (!is(TokenKind::End)) statements(m_tree.top.body);
        m_tree.top.documentation = docstring(m_tree.top.body);
    }

private:
    // One level of the parser's recursion; too many are refused before the stack ends.
    struct Nest {
        explicit Nest(Parser& parser) : owner(parser) {
            if (++owner.m_nesting > kNesting)
                not_understood(owner.current().where, "This is nested too deeply.", "Give the inner parts names of their own.");
        }
        ~Nest() { --owner.m_nesting; }
        Nest(const Nest&) = delete;
        Nest& operator=(const Nest&) = delete;
        Parser& owner;
    };

    // ---- tokens
    [[nodiscard]] const Token& current() const { return m_tokens[m_at]; }
    [[nodiscard]] const Token& previous() const { return m_tokens[m_at == 0 ? 0 : m_at - 1]; }
    [[nodiscard]] const Token& ahead(std::size_t count) const { return m_tokens[std::min(m_at + count, m_tokens.size() - 1)]; }
    [[nodiscard]] bool is(TokenKind kind) const { return current().kind == kind; }
    [[nodiscard]] bool is_symbol(std::string_view text) const { return is(TokenKind::Symbol) && current().text == text; }
    [[nodiscard]] bool is_word(std::string_view text) const { return is(TokenKind::Name) && current().text == text; }
    const Token& take() { return m_tokens[m_at + 1 < m_tokens.size() ? m_at++ : m_at]; }
    bool take_symbol(std::string_view text) {
        if (!is_symbol(text)) return false;
        take();
        return true;
    }
    bool take_word(std::string_view text) {
        if (!is_word(text)) return false;
        take();
        return true;
    }
    [[nodiscard]] static std::string shown(const Token& token) {
        switch (token.kind) {
            case TokenKind::NewLine: return "the end of the line";
            case TokenKind::End: return "the end of the text";
            case TokenKind::Indent: return "an indented line";
            case TokenKind::Dedent: return "the end of the block";
            case TokenKind::Text:
            case TokenKind::FormatText: return "a string";
            default: return "`" + token.text.substr(0, 40) + "`";
        }
    }
    [[noreturn]] void unexpected(const std::string& wanted, std::string hint = {}) {
        not_understood(current().where, "Expected " + wanted + ", but here is " + shown(current()) + ".", std::move(hint));
    }
    void expect_symbol(std::string_view text, const char* wanted = nullptr) {
        if (!take_symbol(text)) unexpected(wanted != nullptr ? wanted : "`" + std::string(text) + "`");
    }
    [[nodiscard]] static bool is_keyword(std::string_view word) { return std::ranges::find(kKeywords, word) != kKeywords.end(); }
    std::string name(const char* wanted) {
        if (!is(TokenKind::Name)) unexpected(wanted);
        if (is_keyword(current().text))
            not_understood(current().where, "`" + current().text + "` is a word of Python's own and cannot be a name.",
                           "Choose another name.");
        return take().text;
    }

    // ---- nodes
    ExpressionPointer make(ExpressionKind kind, const SourceRange& where) {
        auto node = std::make_unique<Expression>();
        node->kind = kind;
        node->where = where;
        return node;
    }
    // Ends the node at the token before the current one and checks how deep its tree is.
    ExpressionPointer finish(ExpressionPointer node) {
        node->where = from_to(node->where, previous().where);
        int deepest = 0;
        for (const auto& child : node->children)
            if (child) deepest = std::max(deepest, child->depth);
        for (const auto& clause : node->clauses) {
            deepest = std::max({deepest, clause.target->depth, clause.source->depth});
            for (const auto& condition : clause.conditions) deepest = std::max(deepest, condition->depth);
        }
        if (node->function && node->function->expression) deepest = std::max(deepest, node->function->expression->depth);
        node->depth = deepest + 1;
        if (node->depth > kTreeDepth)
            not_understood(node->where, "This expression is nested too deeply.", "Give its parts names of their own, a line each.");
        return node;
    }
    static std::unique_ptr<Statement> statement(StatementKind kind, const SourceRange& where) {
        auto node = std::make_unique<Statement>();
        node->kind = kind;
        node->where = where;
        return node;
    }

    // ---- scopes
    void record(const Expression& target) {
        if (target.kind == ExpressionKind::Name) {
            m_functions.back()->assigned.push_back(target.text);
        } else if (target.kind == ExpressionKind::Tuple || target.kind == ExpressionKind::List || target.kind == ExpressionKind::Starred) {
            for (const auto& child : target.children) record(*child);
        }
    }
    void check_target(const Expression& target, bool inside = false) {
        switch (target.kind) {
            case ExpressionKind::Name:
            case ExpressionKind::Subscript: return;
            case ExpressionKind::Tuple:
            case ExpressionKind::List: {
                int starred = 0;
                for (const auto& child : target.children) {
                    starred += child->kind == ExpressionKind::Starred;
                    check_target(*child, true);
                }
                if (starred > 1)
                    not_understood(target.where, "Only one name of an assignment may have a star.", "Unpack the rest in a second line.");
                return;
            }
            case ExpressionKind::Starred:
                if (!inside) not_understood(target.where, "A starred name needs others beside it.", "Write `first, *rest = …`.");
                return check_target(*target.children.front());
            case ExpressionKind::Attribute:
                deny(target.where, "Attributes cannot be assigned in the loss language.", "Keep the value in a variable of its own.");
            case ExpressionKind::Constant: not_understood(target.where, "A constant cannot be assigned to.", "Did you mean == ?");
            default:
                not_understood(target.where, "This cannot be assigned to.", "Left of = stands a name, names with commas, or x[index].");
        }
    }

    // ---- statements
    void statements(Block& block) {
        const Nest nest(*this);
        if (is(TokenKind::NewLine)) {
            take();
            return;
        }
        if (is(TokenKind::Indent))
            not_understood(current().where, "This line is indented without need.", "Move it to the left, in line with the one above.");
        if (is_symbol("@")) return decorated(block);
        if (is(TokenKind::Name)) {
            const std::string& word = current().text;
            if (word == "if") return if_statement(block);
            if (word == "for") return for_statement(block);
            if (word == "while") return while_statement(block);
            if (word == "with") return with_statement(block);
            if (word == "def") return function_statement(block, {});
            refuse_opening(word);
        }
        simple_line(block);
    }

    void refuse_opening(const std::string& word) {
        const Token& next = ahead(1);
        const bool soft = word == "match" || word == "type" || word == "case" || word == "self" || word == "super" || word == "exec";
        if (soft && !(next.kind == TokenKind::Name && !is_keyword(next.text))) return;
        if (soft && (word == "self" || word == "super")) return;
        const std::size_t begin = current().begin;
        refuse_statement(word, std::string_view(m_source).substr(std::min(begin + word.size(), m_source.size())), current().where);
    }

    void simple_line(Block& block) {
        while (true) {
            simple(block);
            if (!take_symbol(";")) break;
            if (is(TokenKind::NewLine)) break;
        }
        if (is(TokenKind::End)) return;
        if (!is(TokenKind::NewLine)) {
            if (is_symbol("=")) unexpected("the end of the line", "Compare with ==, assign on a line of its own.");
            unexpected("the end of the line", is(TokenKind::Name) ? "Is an operator or a comma missing before it?" : "");
        }
        take();
    }

    void simple(Block& block) {
        const SourceRange begin = current().where;
        const auto add = [&](std::unique_ptr<Statement> node) {
            node->where = from_to(begin, previous().where);
            block.push_back(std::move(node));
        };
        if (is(TokenKind::Name)) {
            const std::string word = current().text;
            refuse_opening(word);
            if (word == "pass" || word == "break" || word == "continue") {
                take();
                if (word != "pass" && m_loops == 0)
                    not_understood(begin, "`" + word + "` stands outside a loop.", "It ends or goes on with a for or while.");
                return add(statement(word == "pass"    ? StatementKind::Pass
                                     : word == "break" ? StatementKind::Break
                                                       : StatementKind::Continue,
                                     begin));
            }
            if (word == "return") {
                take();
                if (m_functions.size() == 1) not_understood(begin, "`return` stands outside a function.", "Indent it under its def.");
                auto node = statement(StatementKind::Return, begin);
                if (!is(TokenKind::NewLine) && !is(TokenKind::End) && !is_symbol(";")) node->value = expression_list();
                return add(std::move(node));
            }
            if (word == "assert") {
                take();
                auto node = statement(StatementKind::Assert, begin);
                node->value = expression();
                if (take_symbol(",")) node->message = expression();
                return add(std::move(node));
            }
            if (word == "del") {
                take();
                auto node = statement(StatementKind::Delete, begin);
                node->targets.push_back(expression_list());
                check_target(*node->targets.back());
                record(*node->targets.back());
                return add(std::move(node));
            }
            if (word == "import") return import_statement(block);
            if (word == "from") return from_statement(block);
        }
        auto value = expression_list(true);
        if (is_symbol("=")) {
            auto node = statement(StatementKind::Assign, begin);
            while (take_symbol("=")) {
                check_target(*value);
                record(*value);
                node->targets.push_back(std::move(value));
                value = expression_list(true);
            }
            node->value = std::move(value);
            return add(std::move(node));
        }
        if (is_symbol(":")) {
            take();
            check_target(*value);
            if (value->kind == ExpressionKind::Tuple || value->kind == ExpressionKind::List)
                not_understood(value->where, "Only a single name may be annotated.", "Leave the annotation out.");
            (void)expression();
            record(*value);
            auto node = statement(is_symbol("=") ? StatementKind::Assign : StatementKind::Pass, begin);
            if (take_symbol("=")) {
                node->targets.push_back(std::move(value));
                node->value = expression_list();
            }
            return add(std::move(node));
        }
        if (const auto op = augmented()) {
            if (value->kind != ExpressionKind::Name && value->kind != ExpressionKind::Subscript) {
                check_target(*value);
                not_understood(value->where, "This cannot be changed in place.", "Left of the operator stands a name or x[index].");
            }
            take();
            record(*value);
            auto node = statement(StatementKind::AugmentedAssign, begin);
            node->op = *op;
            node->targets.push_back(std::move(value));
            node->value = expression_list();
            return add(std::move(node));
        }
        auto node = statement(StatementKind::Expression, begin);
        node->value = std::move(value);
        add(std::move(node));
    }

    [[nodiscard]] std::optional<Operator> augmented() const {
        if (!is(TokenKind::Symbol)) return std::nullopt;
        const std::string& text = current().text;
        if (text == "**=") return Operator::Power;
        if (text.size() < 2 || text.back() != '=') return std::nullopt;
        for (const auto& one : kBinary)
            if (text.substr(0, text.size() - 1) == one.symbol) return one.op;
        return std::nullopt;
    }

    Block block_after(const char* what) {
        expect_symbol(":", "`:`");
        Block block;
        if (!is(TokenKind::NewLine)) {
            if (is(TokenKind::Name)) {
                const std::string& word = current().text;
                if (word == "if" || word == "for" || word == "while" || word == "with" || word == "def")
                    not_understood(current().where, "`" + word + "` must begin a line of its own.",
                                   "Break the line after the colon and indent.");
            }
            simple_line(block);
            return block;
        }
        take();
        if (!is(TokenKind::Indent))
            not_understood(current().where, std::string("Expected an indented block after ") + what + ".",
                           "Indent the lines that belong to it.");
        take();
        while (!is(TokenKind::Dedent) && !is(TokenKind::End)) statements(block);
        if (is(TokenKind::Dedent)) take();
        return block;
    }

    void if_statement(Block& block) {
        auto node = statement(StatementKind::If, current().where);
        take();
        node->branches.push_back({condition(), {}});
        node->branches.back().body = block_after("`if`");
        while (is_word("elif")) {
            take();
            node->branches.push_back({condition(), {}});
            node->branches.back().body = block_after("`elif`");
        }
        if (take_word("else")) {
            node->branches.push_back({nullptr, {}});
            node->branches.back().body = block_after("`else`");
        }
        block.push_back(std::move(node));
    }

    ExpressionPointer condition() {
        auto node = named_expression();
        if (is_symbol("=")) not_understood(current().where, "A single = assigns.", "Compare with ==.");
        return node;
    }

    void for_statement(Block& block) {
        auto node = statement(StatementKind::For, current().where);
        take();
        node->targets.push_back(target_list());
        check_target(*node->targets.back());
        record(*node->targets.back());
        if (!take_word("in")) unexpected("`in`", "Write `for item in items:`.");
        node->value = expression_list(true);
        node->where = from_to(node->where, previous().where);
        ++m_loops;
        node->body = block_after("`for`");
        --m_loops;
        if (take_word("else")) node->otherwise = block_after("`else`");
        block.push_back(std::move(node));
    }

    void while_statement(Block& block) {
        auto node = statement(StatementKind::While, current().where);
        take();
        node->value = condition();
        node->where = from_to(node->where, previous().where);
        ++m_loops;
        node->body = block_after("`while`");
        --m_loops;
        if (take_word("else")) node->otherwise = block_after("`else`");
        block.push_back(std::move(node));
    }

    void with_statement(Block& block) {
        auto node = statement(StatementKind::With, current().where);
        take();
        do {
            auto context = expression();
            if (is_word("as"))
                deny(current().where, "`with … as` is not part of the loss language.",
                     "Only `with torch.no_grad():` and `with torch.enable_grad():` are.");
            node->targets.push_back(std::move(context));
        } while (take_symbol(","));
        node->where = from_to(node->where, previous().where);
        node->body = block_after("`with`");
        block.push_back(std::move(node));
    }

    void decorated(Block& block) {
        std::vector<ExpressionPointer> decorators;
        while (take_symbol("@")) {
            decorators.push_back(named_expression());
            if (!is(TokenKind::NewLine)) unexpected("the end of the line");
            take();
        }
        if (is_word("class")) refuse_opening("class");
        if (!is_word("def")) unexpected("`def` after the decorator");
        function_statement(block, std::move(decorators));
    }

    void function_statement(Block& block, std::vector<ExpressionPointer> decorators) {
        const SourceRange begin = current().where;
        take();
        auto target = make(ExpressionKind::Name, current().where);
        target->text = name("the function's name");
        refuse_name(target->text, target->where);
        record(*target);
        auto function = std::make_unique<FunctionNode>();
        function->name = target->text;
        expect_symbol("(");
        m_functions.push_back(function.get());
        // Defaults belong to the scope around the function; nothing in them assigns, so the order does not matter.
        parameters(*function, ")", true);
        expect_symbol(")", "`)` or another parameter");
        if (take_symbol("->")) (void)expression();
        const int loops = std::exchange(m_loops, 0);
        const SourceRange head = from_to(begin, previous().where);
        function->body = block_after("`def`");
        m_loops = loops;
        m_functions.pop_back();
        function->documentation = docstring(function->body);
        const SourceRange last = function->body.empty() ? head : function->body.back()->where;
        function->where = {begin.line, begin.column, std::max(last.end_line, head.end_line), last.end_column};
        auto node = statement(StatementKind::Function, head);
        node->targets.push_back(std::move(target));
        node->function = std::move(function);
        node->decorators = std::move(decorators);
        block.push_back(std::move(node));
    }

    static std::string docstring(const Block& body) {
        if (body.empty() || body.front()->kind != StatementKind::Expression) return {};
        const Expression& first = *body.front()->value;
        return first.kind == ExpressionKind::Constant && first.constant.is(ValueKind::String) ? first.constant.as_string() : std::string{};
    }

    void parameters(FunctionNode& function, std::string_view end, bool annotated) {
        bool keyword_only = false;
        bool defaults = false;
        std::set<std::string> seen;
        while (!is_symbol(end)) {
            ParameterNode parameter;
            parameter.where = current().where;
            if (take_symbol("**")) {
                parameter.kind = ParameterNode::Kind::DoubleStar;
            } else if (take_symbol("*")) {
                if (keyword_only) not_understood(parameter.where, "Only one parameter may have a star.");
                keyword_only = true;
                if (is_symbol(",")) {
                    take();
                    continue;
                }
                parameter.kind = ParameterNode::Kind::Star;
            } else if (take_symbol("/")) {
                if (!take_symbol(",")) break;
                continue;
            } else {
                parameter.kind = keyword_only ? ParameterNode::Kind::KeywordOnly : ParameterNode::Kind::Plain;
            }
            parameter.name = name("a parameter's name");
            refuse_name(parameter.name, previous().where);
            if (parameter.name == "self")
                deny(previous().where, "`self` belongs to a class, and a typed loss is a function.",
                     "Leave self out, and make what it holds a parameter with a default.");
            if (!seen.insert(parameter.name).second)
                not_understood(previous().where, "The parameter `" + parameter.name + "` stands here twice.", "Rename one.");
            if (function.parameters.size() >= 100) not_understood(previous().where, "This function has too many parameters.");
            if (annotated && take_symbol(":")) {
                const std::size_t begin = current().begin;
                (void)expression();
                std::string text = m_source.substr(begin, current().begin - begin);
                while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t')) text.pop_back();
                parameter.annotation = std::move(text);
            }
            if (is_symbol("=")) {
                take();
                if (parameter.kind == ParameterNode::Kind::Star || parameter.kind == ParameterNode::Kind::DoubleStar)
                    not_understood(parameter.where, "A starred parameter cannot have a default.");
                parameter.default_value = expression();
                defaults = true;
            } else if (defaults && parameter.kind == ParameterNode::Kind::Plain) {
                not_understood(parameter.where, "The parameter `" + parameter.name + "` has no default but follows one that has.",
                               "Move it before the others or give it a default.");
            }
            parameter.where = from_to(parameter.where, previous().where);
            const bool last = parameter.kind == ParameterNode::Kind::DoubleStar;
            function.parameters.push_back(std::move(parameter));
            if (!take_symbol(",") || last) break;
        }
    }

    // ---- imports
    std::string dotted() {
        std::string path = name("a module's name");
        while (take_symbol(".")) path += "." + name("a module's name");
        return path;
    }

    void import_statement(Block& block) {
        auto node = statement(StatementKind::Import, current().where);
        take();
        do {
            const SourceRange where = current().where;
            const std::string path = dotted();
            refuse_import(path, from_to(where, previous().where));
            auto target = make(ExpressionKind::Name, where);
            std::string bound = path.substr(0, path.find('.'));
            std::string source = bound;
            if (take_word("as")) {
                bound = name("a name");
                source = path;
            }
            if (is_idle_import(path)) continue;
            refuse_name(bound, previous().where);
            target->text = bound;
            record(*target);
            node->imports.push_back({source, std::move(target)});
        } while (take_symbol(","));
        node->where = from_to(node->where, previous().where);
        block.push_back(std::move(node));
    }

    void from_statement(Block& block) {
        auto node = statement(StatementKind::Import, current().where);
        take();
        const SourceRange where = current().where;
        std::string path;
        if (is_word("__future__"))
            path = take().text;
        else
            path = dotted();
        refuse_import(path, from_to(where, previous().where));
        if (!take_word("import")) unexpected("`import`");
        if (is_symbol("*"))
            deny(current().where, "`import *` is not part of the loss language.",
                 "Name what you need: `from " + path + " import softmax`.");
        const bool brackets = take_symbol("(");
        do {
            if (brackets && is_symbol(")")) break;
            const SourceRange at = current().where;
            const std::string item = name("a name to import");
            std::string bound = item;
            if (take_word("as")) bound = name("a name");
            if (is_idle_import(path)) continue;
            refuse_name(bound, previous().where);
            auto target = make(ExpressionKind::Name, at);
            target->text = bound;
            record(*target);
            std::string source = path;
            source += "." + item;
            node->imports.push_back({std::move(source), std::move(target)});
        } while (take_symbol(","));
        if (brackets) expect_symbol(")");
        node->where = from_to(node->where, previous().where);
        block.push_back(std::move(node));
    }

    // ---- expressions
    // `a, b` is a tuple; stars are allowed where `starred` says so.
    ExpressionPointer expression_list(bool starred = true) {
        const SourceRange begin = current().where;
        auto first = starred ? starred_or_named() : named_expression();
        if (!is_symbol(",")) {
            return first;
        }
        auto tuple = make(ExpressionKind::Tuple, begin);
        tuple->children.push_back(std::move(first));
        while (take_symbol(",")) {
            if (ends_list()) break;
            tuple->children.push_back(starred_or_named());
        }
        return finish(std::move(tuple));
    }

    [[nodiscard]] bool ends_list() const {
        if (is(TokenKind::NewLine) || is(TokenKind::End)) return true;
        if (is(TokenKind::Symbol))
            return current().text == ")" || current().text == "]" || current().text == "}" || current().text == "=" ||
                   current().text == ":" || current().text == ";";
        return is_word("in");
    }

    ExpressionPointer starred_or_named() {
        if (!is_symbol("*")) return named_expression();
        auto node = make(ExpressionKind::Starred, current().where);
        take();
        node->children.push_back(binary(1));
        return finish(std::move(node));
    }

    // The names of a for: no comparison, since `in` ends them.
    ExpressionPointer target_list() {
        const SourceRange begin = current().where;
        const auto one = [&] {
            if (!is_symbol("*")) return binary(1);
            auto node = make(ExpressionKind::Starred, current().where);
            take();
            node->children.push_back(binary(1));
            return finish(std::move(node));
        };
        auto first = one();
        if (!is_symbol(",")) return first;
        auto tuple = make(ExpressionKind::Tuple, begin);
        tuple->children.push_back(std::move(first));
        while (take_symbol(",")) {
            if (is_word("in")) break;
            tuple->children.push_back(one());
        }
        return finish(std::move(tuple));
    }

    ExpressionPointer named_expression() {
        if (is(TokenKind::Name) && ahead(1).kind == TokenKind::Symbol && ahead(1).text == ":=") {
            auto node = make(ExpressionKind::Walrus, current().where);
            auto target = make(ExpressionKind::Name, current().where);
            target->text = name("a name");
            refuse_name(target->text, target->where);
            record(*target);
            take();
            node->children.push_back(std::move(target));
            node->children.push_back(expression());
            return finish(std::move(node));
        }
        return expression();
    }

    ExpressionPointer expression() {
        const Nest nest(*this);
        if (is_word("lambda")) return lambda();
        auto value = disjunction();
        if (!is_word("if")) return value;
        auto node = make(ExpressionKind::Conditional, value->where);
        take();
        auto test = disjunction();
        if (!take_word("else")) unexpected("`else`", "A conditional expression is `a if condition else b`.");
        auto otherwise = expression();
        node->children.push_back(std::move(test));
        node->children.push_back(std::move(value));
        node->children.push_back(std::move(otherwise));
        return finish(std::move(node));
    }

    ExpressionPointer lambda() {
        auto node = make(ExpressionKind::Lambda, current().where);
        take();
        node->function = std::make_unique<FunctionNode>();
        node->function->name = "<lambda>";
        m_functions.push_back(node->function.get());
        parameters(*node->function, ":", false);
        expect_symbol(":");
        node->function->expression = expression();
        m_functions.pop_back();
        node = finish(std::move(node));
        node->function->where = node->where;
        return node;
    }

    ExpressionPointer disjunction() {
        return boolean("or", ExpressionKind::BoolOr, [this] { return conjunction(); });
    }
    ExpressionPointer conjunction() {
        return boolean("and", ExpressionKind::BoolAnd, [this] { return negation(); });
    }

    template <typename Inner>
    ExpressionPointer boolean(std::string_view word, ExpressionKind kind, Inner inner) {
        auto first = inner();
        if (!is_word(word)) return first;
        auto node = make(kind, first->where);
        node->children.push_back(std::move(first));
        while (take_word(word)) node->children.push_back(inner());
        return finish(std::move(node));
    }

    ExpressionPointer negation() {
        if (!is_word("not")) return comparison();
        const Nest nest(*this);
        auto node = make(ExpressionKind::Unary, current().where);
        node->op = Operator::Not;
        take();
        node->children.push_back(negation());
        return finish(std::move(node));
    }

    std::optional<Operator> comparison_operator() {
        if (is(TokenKind::Symbol)) {
            const std::string& text = current().text;
            std::optional<Operator> op;
            if (text == "==")
                op = Operator::Equal;
            else if (text == "!=")
                op = Operator::NotEqual;
            else if (text == "<")
                op = Operator::Less;
            else if (text == "<=")
                op = Operator::LessEqual;
            else if (text == ">")
                op = Operator::Greater;
            else if (text == ">=")
                op = Operator::GreaterEqual;
            if (op) take();
            return op;
        }
        if (take_word("in")) return Operator::In;
        if (take_word("is")) return take_word("not") ? Operator::IsNot : Operator::Is;
        if (is_word("not") && ahead(1).kind == TokenKind::Name && ahead(1).text == "in") {
            take();
            take();
            return Operator::NotIn;
        }
        return std::nullopt;
    }

    ExpressionPointer comparison() {
        auto first = binary(1);
        auto op = comparison_operator();
        if (!op) return first;
        auto node = make(ExpressionKind::Compare, first->where);
        node->children.push_back(std::move(first));
        while (op) {
            node->comparisons.push_back(*op);
            node->children.push_back(binary(1));
            op = comparison_operator();
        }
        return finish(std::move(node));
    }

    ExpressionPointer binary(int lowest) {
        auto left = unary();
        while (is(TokenKind::Symbol)) {
            const auto found = std::ranges::find(kBinary, std::string_view(current().text), &BinarySymbol::symbol);
            if (found == kBinary.end() || found->precedence < lowest) break;
            auto node = make(ExpressionKind::Binary, left->where);
            node->op = found->op;
            take();
            node->children.push_back(std::move(left));
            node->children.push_back(binary(found->precedence + 1));
            left = finish(std::move(node));
        }
        return left;
    }

    ExpressionPointer unary() {
        if (is_symbol("-") || is_symbol("+") || is_symbol("~")) {
            const Nest nest(*this);
            auto node = make(ExpressionKind::Unary, current().where);
            node->op = current().text == "-" ? Operator::Negate : current().text == "+" ? Operator::Positive : Operator::Invert;
            take();
            auto operand = unary();
            if (node->op == Operator::Negate && operand->kind == ExpressionKind::Constant && !operand->parenthesized &&
                (operand->constant.is(ValueKind::Int) || operand->constant.is(ValueKind::Float))) {
                operand->constant =
                    operand->constant.is(ValueKind::Int) ? Value(-operand->constant.as_int()) : Value(-operand->constant.as_float());
                operand->where = from_to(node->where, operand->where);
                return operand;
            }
            node->children.push_back(std::move(operand));
            return finish(std::move(node));
        }
        auto base = postfix();
        if (!is_symbol("**")) return base;
        const Nest nest(*this);
        auto node = make(ExpressionKind::Binary, base->where);
        node->op = Operator::Power;
        take();
        node->children.push_back(std::move(base));
        node->children.push_back(unary());
        return finish(std::move(node));
    }

    ExpressionPointer postfix() {
        auto value = atom();
        while (is(TokenKind::Symbol)) {
            if (is_symbol("(")) {
                value = call(std::move(value));
            } else if (is_symbol("[")) {
                auto node = make(ExpressionKind::Subscript, value->where);
                take();
                node->children.push_back(std::move(value));
                node->children.push_back(subscript());
                expect_symbol("]", "`]`");
                value = finish(std::move(node));
            } else if (is_symbol(".")) {
                auto node = make(ExpressionKind::Attribute, value->where);
                take();
                if (!is(TokenKind::Name)) unexpected("a name after the dot");
                node->text = take().text;
                if (node->text.starts_with("__")) refuse_name(node->text, previous().where);
                node->children.push_back(std::move(value));
                value = finish(std::move(node));
            } else {
                break;
            }
        }
        return value;
    }

    ExpressionPointer call(ExpressionPointer callee) {
        const Nest nest(*this);
        auto node = make(ExpressionKind::Call, callee->where);
        take();
        node->children.push_back(std::move(callee));
        bool keyword_seen = false;
        while (!is_symbol(")")) {
            std::string keyword;
            ExpressionPointer argument;
            if (is_symbol("*") || is_symbol("**")) {
                argument = make(current().text == "*" ? ExpressionKind::Starred : ExpressionKind::DoubleStarred, current().where);
                keyword_seen = keyword_seen || current().text == "**";
                take();
                argument->children.push_back(expression());
                argument = finish(std::move(argument));
            } else if (is(TokenKind::Name) && ahead(1).kind == TokenKind::Symbol && ahead(1).text == "=") {
                const SourceRange where = current().where;
                keyword = name("an argument's name");
                if (std::ranges::find(node->keywords, keyword) != node->keywords.end())
                    not_understood(where, "The argument `" + keyword + "` is given twice.", "Remove one.");
                take();
                argument = expression();
                keyword_seen = true;
            } else {
                argument = named_expression();
                if (is_word("for")) argument = comprehension(ExpressionKind::ListComprehension, std::move(argument), nullptr);
                if (keyword_seen)
                    not_understood(argument->where, "A plain argument follows one given by name.", "Put it before those given by name.");
            }
            node->children.push_back(std::move(argument));
            node->keywords.push_back(std::move(keyword));
            if (!take_symbol(",")) break;
        }
        if (!is_symbol(")")) unexpected("`,` or `)`", "Is a comma missing between two arguments?");
        take();
        return finish(std::move(node));
    }

    ExpressionPointer subscript() {
        const SourceRange begin = current().where;
        auto first = slice_or_expression();
        if (!is_symbol(",")) return first;
        auto tuple = make(ExpressionKind::Tuple, begin);
        tuple->children.push_back(std::move(first));
        while (take_symbol(",")) {
            if (is_symbol("]")) break;
            tuple->children.push_back(slice_or_expression());
        }
        return finish(std::move(tuple));
    }

    ExpressionPointer slice_or_expression() {
        const SourceRange begin = current().where;
        ExpressionPointer start;
        if (!is_symbol(":")) {
            start = starred_or_named();
            if (!is_symbol(":")) return start;
        }
        auto node = make(ExpressionKind::Slice, begin);
        take();
        ExpressionPointer stop;
        ExpressionPointer step;
        const auto ends = [&] { return is_symbol(",") || is_symbol("]") || is_symbol(":"); };
        if (!ends()) stop = expression();
        if (take_symbol(":") && !ends()) step = expression();
        node->children.push_back(std::move(start));
        node->children.push_back(std::move(stop));
        node->children.push_back(std::move(step));
        return finish(std::move(node));
    }

    ExpressionPointer comprehension(ExpressionKind kind, ExpressionPointer item, ExpressionPointer value) {
        auto node = make(kind, item->where);
        node->children.push_back(std::move(item));
        if (value) node->children.push_back(std::move(value));
        while (take_word("for")) {
            ForClause clause;
            clause.target = target_list();
            check_target(*clause.target);
            if (!take_word("in")) unexpected("`in`");
            clause.source = disjunction();
            while (take_word("if")) {
                if (is_word("lambda"))
                    clause.conditions.push_back(lambda());
                else
                    clause.conditions.push_back(disjunction());
            }
            node->clauses.push_back(std::move(clause));
            if (node->clauses.size() > 8) not_understood(node->where, "This has too many `for`.", "Write loops.");
        }
        if (is_word("async")) refuse_opening("async");
        return finish(std::move(node));
    }

    ExpressionPointer atom() {
        const Token token = current();
        switch (token.kind) {
            case TokenKind::Int: {
                auto node = make(ExpressionKind::Constant, token.where);
                std::int64_t value = 0;
                std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
                node->constant = Value(value);
                take();
                return node;
            }
            case TokenKind::Float: {
                auto node = make(ExpressionKind::Constant, token.where);
                double value = 0;
                const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
                if (error == std::errc::result_out_of_range)
                    value = token.text.find("e-") != std::string::npos ? 0.0 : std::numeric_limits<double>::infinity();
                node->constant = Value(value);
                take();
                return node;
            }
            case TokenKind::Text:
            case TokenKind::FormatText: return text();
            case TokenKind::Name: return name_atom();
            case TokenKind::Symbol: break;
            default: unexpected("a value");
        }
        if (token.text == "(") return parenthesis();
        if (token.text == "[") return list();
        if (token.text == "{") return braces();
        if (token.text == "...") {
            auto node = make(ExpressionKind::Constant, token.where);
            node->constant = Value::ellipsis();
            take();
            return node;
        }
        unexpected("a value");
    }

    ExpressionPointer name_atom() {
        const Token token = current();
        if (token.text == "None" || token.text == "True" || token.text == "False") {
            auto node = make(ExpressionKind::Constant, token.where);
            if (token.text != "None") node->constant = Value(token.text == "True");
            take();
            return node;
        }
        if (token.text == "yield" || token.text == "await" || token.text == "async") refuse_opening(token.text);
        if (is_keyword(token.text)) unexpected("a value");
        refuse_name(token.text, token.where);
        auto node = make(ExpressionKind::Name, token.where);
        node->text = take().text;
        return node;
    }

    ExpressionPointer parenthesis() {
        const Nest nest(*this);
        const SourceRange begin = current().where;
        take();
        if (take_symbol(")")) {
            auto tuple = make(ExpressionKind::Tuple, begin);
            return finish(std::move(tuple));
        }
        auto first = starred_or_named();
        ExpressionPointer node;
        if (is_word("for")) {
            node = comprehension(ExpressionKind::ListComprehension, std::move(first), nullptr);
        } else if (is_symbol(",")) {
            node = make(ExpressionKind::Tuple, begin);
            node->children.push_back(std::move(first));
            while (take_symbol(",")) {
                if (is_symbol(")")) break;
                node->children.push_back(starred_or_named());
            }
            node = finish(std::move(node));
        } else {
            if (first->kind == ExpressionKind::Starred) not_understood(first->where, "A star needs a comma beside it.", "Write (*items,).");
            node = std::move(first);
        }
        if (!is_symbol(")")) unexpected("`)`", "Is a comma or an operator missing?");
        take();
        node->parenthesized = true;
        node->where = from_to(begin, previous().where);
        return node;
    }

    ExpressionPointer list() {
        const Nest nest(*this);
        auto node = make(ExpressionKind::List, current().where);
        const SourceRange begin = node->where;
        take();
        if (!is_symbol("]")) {
            auto first = starred_or_named();
            if (is_word("for")) {
                node = comprehension(ExpressionKind::ListComprehension, std::move(first), nullptr);
                node->where = begin;
            } else {
                node->children.push_back(std::move(first));
                while (take_symbol(",")) {
                    if (is_symbol("]")) break;
                    node->children.push_back(starred_or_named());
                }
            }
        }
        if (!is_symbol("]")) unexpected("`,` or `]`", "Is a comma missing between two items?");
        take();
        return finish(std::move(node));
    }

    ExpressionPointer braces() {
        const Nest nest(*this);
        auto node = make(ExpressionKind::Dict, current().where);
        const SourceRange begin = node->where;
        take();
        bool first = true;
        while (!is_symbol("}")) {
            if (is_symbol("**")) {
                auto star = make(ExpressionKind::DoubleStarred, current().where);
                take();
                star->children.push_back(binary(1));
                node->children.push_back(finish(std::move(star)));
                node->children.push_back(nullptr);
            } else {
                auto key = starred_or_named();
                if (first && !is_symbol(":")) node->kind = ExpressionKind::Set;
                if (node->kind == ExpressionKind::Set) {
                    if (first && is_word("for")) {
                        node = comprehension(ExpressionKind::SetComprehension, std::move(key), nullptr);
                        node->where = begin;
                        break;
                    }
                    node->children.push_back(std::move(key));
                } else {
                    expect_symbol(":", "`:` between key and value");
                    auto value = expression();
                    if (first && is_word("for")) {
                        node = comprehension(ExpressionKind::DictComprehension, std::move(key), std::move(value));
                        node->where = begin;
                        break;
                    }
                    node->children.push_back(std::move(key));
                    node->children.push_back(std::move(value));
                }
            }
            first = false;
            if (!take_symbol(",")) break;
        }
        if (!is_symbol("}")) unexpected("`,` or `}`", "Is a comma missing between two items?");
        take();
        return finish(std::move(node));
    }

    // ---- strings: neighbours are joined; formats are taken apart
    ExpressionPointer text() {
        const SourceRange begin = current().where;
        auto joined = make(ExpressionKind::JoinedText, begin);
        std::string plain;
        const auto flush = [&] {
            if (plain.empty()) return;
            auto part = make(ExpressionKind::Constant, begin);
            part->constant = Value(std::exchange(plain, {}));
            joined->children.push_back(std::move(part));
        };
        bool format = false;
        while (is(TokenKind::Text) || is(TokenKind::FormatText)) {
            const Token token = take();
            if (token.kind == TokenKind::Text) {
                plain += token.text;
                continue;
            }
            format = true;
            format_parts(token, token.text, token.content.line, token.content.column, *joined, plain, flush, 0);
        }
        if (!format) {
            auto node = make(ExpressionKind::Constant, from_to(begin, previous().where));
            node->constant = Value(std::move(plain));
            return node;
        }
        flush();
        return finish(std::move(joined));
    }

    void format_parts(const Token& token, std::string_view text, int line, int column, Expression& joined, std::string& plain,
                      const std::function<void()>& flush, int level) {
        const Nest nest(*this);
        std::size_t at = 0;
        const auto advance = [&](std::size_t bytes) {
            for (; bytes > 0 && at < text.size(); --bytes) {
                const char c = text[at++];
                if (c == '\n') {
                    ++line;
                    column = 1;
                } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
                    ++column;
                }
            }
        };
        std::string run;
        const auto end_run = [&] {
            plain += token.raw ? run : unescaped(run, token.where);
            run.clear();
        };
        while (at < text.size()) {
            const char c = text[at];
            if (c == '{' && at + 1 < text.size() && text[at + 1] == '{' && level == 0) {
                run += '{';
                advance(2);
            } else if (c == '}' && at + 1 < text.size() && text[at + 1] == '}' && level == 0) {
                run += '}';
                advance(2);
            } else if (c == '}') {
                not_understood({line, column, line, column + 1}, "A } stands alone in this f-string.",
                               "Write }} for the character itself.");
            } else if (c == '\\' && !token.raw && at + 1 < text.size()) {
                run += text.substr(at, 2);
                advance(2);
            } else if (c == '{') {
                end_run();
                flush();
                advance(1);
                const SourceRange inner{line, column, line, column + 1};
                const std::size_t begin = at;
                const std::size_t end = expression_end(text, at, inner);
                std::string_view source = text.substr(begin, end - begin);
                bool shows = false;
                advance(end - begin);
                if (source.size() > 1 && source.back() == '=' &&
                    std::string_view("=!<>").find(source[source.size() - 2]) == std::string_view::npos) {
                    shows = true;
                    plain += source;
                    flush();
                    source.remove_suffix(1);
                }
                auto part = make(ExpressionKind::FormattedText, inner);
                part->children.push_back(fragment(source, inner));
                if (at < text.size() && text[at] == '!') {
                    advance(1);
                    if (at >= text.size() || (text[at] != 'r' && text[at] != 's' && text[at] != 'a'))
                        not_understood(inner, "After ! stands r or s.");
                    part->text = text[at];
                    advance(1);
                }
                if (at < text.size() && text[at] == ':') {
                    advance(1);
                    if (level > 1) not_understood(inner, "This format is nested too deeply.");
                    const std::size_t spec_begin = at;
                    std::size_t spec_end = at;
                    int open = 0;
                    for (; spec_end < text.size(); ++spec_end) {
                        if (text[spec_end] == '{') ++open;
                        if (text[spec_end] == '}' && open-- == 0) break;
                    }
                    auto spec = make(ExpressionKind::JoinedText, inner);
                    std::string spec_plain;
                    const auto spec_flush = [&] {
                        if (spec_plain.empty()) return;
                        auto constant = make(ExpressionKind::Constant, inner);
                        constant->constant = Value(std::exchange(spec_plain, {}));
                        spec->children.push_back(std::move(constant));
                    };
                    format_parts(token, text.substr(spec_begin, spec_end - spec_begin), line, column, *spec, spec_plain, spec_flush,
                                 level + 1);
                    spec_flush();
                    part->children.push_back(finish(std::move(spec)));
                    advance(spec_end - spec_begin);
                } else if (shows && part->text.empty()) {
                    part->text = "r";
                }
                if (at >= text.size() || text[at] != '}')
                    not_understood(inner, "A { of this f-string is never closed.", "Write {{ for the character itself.");
                advance(1);
                part = finish(std::move(part));
                part->where = inner;
                joined.children.push_back(std::move(part));
            } else {
                run += c;
                advance(1);
            }
        }
        end_run();
    }

    // Where the expression that begins at `at` ends: at its } or :, or at a ! that is not !=.
    static std::size_t expression_end(std::string_view text, std::size_t at, const SourceRange& where) {
        int open = 0;
        for (; at < text.size(); ++at) {
            const char c = text[at];
            if (c == '\'' || c == '"') {
                const std::size_t end = text.find(c, at + 1);
                if (end == std::string_view::npos) break;
                at = end;
            } else if (c == '(' || c == '[' || c == '{') {
                ++open;
            } else if (open == 0 && (c == '}' || c == ':' || (c == '!' && (at + 1 >= text.size() || text[at + 1] != '=')))) {
                return at;
            } else if (c == ')' || c == ']' || c == '}') {
                --open;
            }
        }
        not_understood(where, "A { of this f-string is never closed.", "Write {{ for the character itself.");
    }

    ExpressionPointer fragment(std::string_view source, const SourceRange& where) {
        auto tokens = std::exchange(m_tokens, tokens_of(source, where.line, where.column, true));
        const std::size_t at = std::exchange(m_at, 0);
        std::string outer = std::exchange(m_source, std::string(source));
        if (is(TokenKind::End)) not_understood(where, "An empty {} stands in this f-string.", "Put a value between the braces.");
        auto node = expression_list();
        if (!is(TokenKind::End)) unexpected("}", "Is an operator missing?");
        m_tokens = std::move(tokens);
        m_at = at;
        m_source = std::move(outer);
        return node;
    }

    SyntaxTree& m_tree;
    std::string m_source;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_nesting = 0;
    int m_loops = 0;
    std::vector<FunctionNode*> m_functions;
};

}  // namespace

std::unique_ptr<SyntaxTree> parse_source(std::string source) {
    auto tree = std::make_unique<SyntaxTree>();
    tree->source = std::move(source);
    Parser(*tree).run();
    resolve_names(*tree);
    return tree;
}

}  // namespace lossmith::engine::language
