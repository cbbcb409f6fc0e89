// The tree of a parsed program. Names are resolved to numbered places, so that running it looks nothing up by text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/loss/language/Program.h"
#include "core/engine/loss/language/Value.h"

namespace lossmith::engine::language {

enum class Operator : std::uint8_t {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    MatrixMultiply,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    Negate,
    Positive,
    Invert,
    Not,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
};

enum class ExpressionKind : std::uint8_t {
    Constant,
    Name,
    Attribute,
    Call,
    Subscript,
    Slice,
    Unary,
    Binary,
    BoolAnd,
    BoolOr,
    Compare,
    Conditional,
    List,
    Tuple,
    Set,
    Dict,
    Lambda,
    ListComprehension,
    SetComprehension,
    DictComprehension,
    Starred,
    DoubleStarred,
    JoinedText,
    FormattedText,
    Walrus,
};

/// Where a name lives.
enum class Place : std::uint8_t { Unresolved, Local, Free, Global, Outside };

struct FunctionNode;
struct Expression;
using ExpressionPointer = std::unique_ptr<Expression>;

/// `for targets in source if conditions` of a comprehension.
struct ForClause {
    ExpressionPointer target;
    ExpressionPointer source;
    std::vector<ExpressionPointer> conditions;
};

struct Expression {
    ExpressionKind kind;
    SourceRange where;
    Operator op{};
    Place place = Place::Unresolved;
    int slot = 0;
    int depth = 1;  ///< of the tree below; limited, so that no walk overflows the stack
    bool parenthesized = false;
    std::string text;  ///< a name, an attribute, a format's conversion
    Value constant;
    std::vector<ExpressionPointer> children;  ///< operands; callee and arguments; container items; key, value, key, value …
    std::vector<std::string> keywords;        ///< of a call: one for each argument, "" when positional
    std::vector<Operator> comparisons;
    std::vector<ForClause> clauses;
    std::unique_ptr<FunctionNode> function;  ///< a lambda's
};

enum class StatementKind : std::uint8_t {
    Expression,
    Assign,
    AugmentedAssign,
    If,
    For,
    While,
    Break,
    Continue,
    Return,
    Pass,
    Assert,
    Delete,
    With,
    Function,
    Import,
};

struct Statement;
using Block = std::vector<std::unique_ptr<Statement>>;

struct Branch {
    ExpressionPointer condition;  ///< null: else
    Block body;
};

struct ImportedName {
    std::string path;          ///< "torch.nn.functional"
    ExpressionPointer target;  ///< the name it binds
};

struct Statement {
    StatementKind kind;
    SourceRange where;
    Operator op{};
    std::vector<ExpressionPointer> targets;  ///< of an assignment, for, del; a def's own name
    ExpressionPointer value;
    ExpressionPointer message;  ///< an assertion's
    std::vector<Branch> branches;
    Block body;
    Block otherwise;  ///< a loop's else
    std::vector<ImportedName> imports;
    std::unique_ptr<FunctionNode> function;
    std::vector<ExpressionPointer> decorators;
};

struct ParameterNode {
    enum class Kind : std::uint8_t { Plain, KeywordOnly, Star, DoubleStar };
    std::string name;
    std::string annotation;
    Kind kind = Kind::Plain;
    ExpressionPointer default_value;
    SourceRange where;
};

/// A def, a lambda or the program's top level. Parameters take the first slots.
struct FunctionNode {
    std::string name;
    std::string documentation;
    SourceRange where;
    std::vector<ParameterNode> parameters;
    Block body;                    ///< of a def
    ExpressionPointer expression;  ///< of a lambda

    struct Capture {
        bool from_local = false;  ///< else from the free variables of the function around it
        int index = 0;
    };
    std::vector<std::string> locals;  ///< the name of each slot
    std::vector<bool> captured;       ///< which slots nested functions use
    std::vector<Capture> captures;    ///< where each free variable comes from
    std::vector<std::string> free_names;
    std::vector<std::string> assigned;  ///< gathered by the parser for the resolver
};

struct SyntaxTree {
    std::string source;
    FunctionNode top;
    std::vector<std::string> outside;  ///< names that the program does not define: builtins and the host's functions
};

}  // namespace lossmith::engine::language
