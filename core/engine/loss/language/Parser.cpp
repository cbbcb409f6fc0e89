#include "core/engine/loss/language/Parser.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/engine/loss/language/ExpressionParser.h"
#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Refusals.h"

namespace lossmith::engine::language {
namespace {

std::unique_ptr<Statement> statement(StatementKind kind, const SourceRange& where) {
    auto node = std::make_unique<Statement>();
    node->kind = kind;
    node->where = where;
    return node;
}

std::string docstring(const Block& body) {
    if (body.empty() || body.front()->kind != StatementKind::Expression) return {};
    const Expression& first = *body.front()->value;
    return first.kind == ExpressionKind::Constant && first.constant.is(ValueKind::String) ? first.constant.as_string() : std::string{};
}

class StatementParser : public ExpressionParser {
public:
    explicit StatementParser(SyntaxTree& tree) : ExpressionParser(tree.source, tree.top), m_top(tree.top) {}

    void run() {
        while (!is(TokenKind::End)) statements(m_top.body);
        m_top.documentation = docstring(m_top.body);
    }

private:
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
                if (!within_function()) not_understood(begin, "`return` stands outside a function.", "Indent it under its def.");
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
        return binary_operator(std::string_view(text).substr(0, text.size() - 1));
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
        enter(*function);
        // Defaults belong to the scope around the function; nothing in them assigns, so the order does not matter.
        parameters(*function, ")", true);
        expect_symbol(")", "`)` or another parameter");
        if (take_symbol("->")) (void)expression();
        const int loops = std::exchange(m_loops, 0);
        const SourceRange head = from_to(begin, previous().where);
        function->body = block_after("`def`");
        m_loops = loops;
        leave();
        function->documentation = docstring(function->body);
        const SourceRange last = function->body.empty() ? head : function->body.back()->where;
        function->where = {begin.line, begin.column, std::max(last.end_line, head.end_line), last.end_column};
        auto node = statement(StatementKind::Function, head);
        node->targets.push_back(std::move(target));
        node->function = std::move(function);
        node->decorators = std::move(decorators);
        block.push_back(std::move(node));
    }

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

    FunctionNode& m_top;
    int m_loops = 0;
};

}  // namespace

std::unique_ptr<SyntaxTree> parse_source(std::string source) {
    auto tree = std::make_unique<SyntaxTree>();
    tree->source = std::move(source);
    StatementParser(*tree).run();
    resolve_names(*tree);
    return tree;
}

}  // namespace lossmith::engine::language
