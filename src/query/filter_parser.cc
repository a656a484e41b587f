// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "query/filter.h"
#include "query/filter_lexer.h"

namespace atlas::query {
namespace {

// Recursive descent, one function per rule of the grammar in filter.h. After the first error every
// function returns at once.
class Parser {
public:
    explicit Parser(std::string_view text) : lexer_(text) {}

    Answer<Filter> parse() {
        lexer_.skip_blanks();
        Filter filter;
        if (!lexer_.at_end()) filter = expression(0);
        lexer_.skip_blanks();
        if (!error_ && !lexer_.at_end()) fail("AND, OR or the end" + capitals_hint());
        if (error_) return failure(std::move(*error_));
        return filter;
    }

private:
    Filter expression(int depth) {
        Filter first = term(depth);
        lexer_.skip_blanks();
        const bool all = lexer_.take_word("AND");
        if (error_ || (!all && !lexer_.take_word("OR"))) return first;
        Filter joined;
        joined.kind = all ? Filter::Kind::all_of : Filter::Kind::any_of;
        joined.children.push_back(std::move(first));
        do {
            joined.children.push_back(term(depth));
            lexer_.skip_blanks();
        } while (!error_ && lexer_.take_word(all ? "AND" : "OR"));
        FilterLexer ahead = lexer_;
        if (!error_ && ahead.take_word(all ? "OR" : "AND")) {
            fail(all ? "AND or the end: put the terms joined by OR in parentheses"
                     : "OR or the end: put the terms joined by AND in parentheses");
        }
        return joined;
    }

    Filter term(int depth) {
        if (depth >= kMaxFilterDepth) {
            fail(fmt::format("at most {} levels of parentheses and NOT", kMaxFilterDepth));
            return {};
        }
        lexer_.skip_blanks();
        if (lexer_.take_word("NOT") || lexer_.take("-")) return negation(depth);
        if (lexer_.take("(")) return parenthesized(depth);
        return comparison();
    }

    Filter negation(int depth) {
        Filter negation;
        negation.kind = Filter::Kind::negation;
        negation.children.push_back(term(depth + 1));
        return negation;
    }

    Filter parenthesized(int depth) {
        Filter inner = expression(depth + 1);
        lexer_.skip_blanks();
        if (!error_ && !lexer_.take(")"))
            fail("AND, OR or a closing parenthesis" + capitals_hint());
        return inner;
    }

    Filter comparison() {
        Filter leaf;
        leaf.kind = Filter::Kind::comparison;
        Comparison& comparison = leaf.comparison;
        comparison.position = lexer_.position();
        if (error_) return leaf;
        FilterLexer ahead = lexer_;
        if (ahead.take_word("AND") || ahead.take_word("OR")) {
            fail("a comparison");
            return leaf;
        }
        auto name = lexer_.name(comparison.quoted);
        if (!name || name->empty()) {
            fail(lexer_.looking_at('`') ? "a name with a closing backquote"
                                        : "a comparison such as status = \"online\"");
            return leaf;
        }
        comparison.name = std::move(*name);
        lexer_.skip_blanks();
        read_operator(comparison);
        return leaf;
    }

    void read_operator(Comparison& comparison) {
        // Longer ones first: "<=" is not "<".
        if (lexer_.take("!=")) return one_value(comparison, Op::ne);
        if (lexer_.take("<=")) return one_value(comparison, Op::le);
        if (lexer_.take(">=")) return one_value(comparison, Op::ge);
        if (lexer_.take("<")) return one_value(comparison, Op::lt);
        if (lexer_.take(">")) return one_value(comparison, Op::gt);
        const bool has = lexer_.take(":");
        if (!has && !lexer_.take("=")) return fail("one of = != < <= > >= : after the name");
        lexer_.skip_blanks();
        if (has && lexer_.take("*")) {
            comparison.op = Op::present;
        } else if (lexer_.take("(")) {
            list(comparison);
        } else {
            one_value(comparison, Op::eq);
        }
    }

    void one_value(Comparison& comparison, Op op) {
        comparison.op = op;
        lexer_.skip_blanks();
        if (lexer_.looking_at('(')) return fail("one value: a list works with = and : only");
        const bool ordered = op != Op::eq && op != Op::ne;
        value(comparison);
        if (!error_ && ordered && comparison.values.back().prefix) {
            fail("text without * at its end: a prefix works with =, != and : only",
                 comparison.values.back().position);
        }
    }

    void list(Comparison& comparison) {
        comparison.op = Op::eq;
        do {
            lexer_.skip_blanks();
            value(comparison);
            lexer_.skip_blanks();
        } while (!error_ && lexer_.take_word("OR"));
        if (!error_ && !lexer_.take(")")) fail("OR or a closing parenthesis after the value");
    }

    void value(Comparison& comparison) {
        if (++values_ > kMaxFilterValues) {
            return fail(fmt::format("at most {} values in a filter", kMaxFilterValues));
        }
        std::string expected;
        auto literal = lexer_.literal(expected);
        if (!literal) return fail(std::move(expected));
        comparison.values.push_back(std::move(*literal));
    }

    std::string capitals_hint() const {
        FilterLexer ahead = lexer_;
        const bool lower = ahead.take_word("and") || ahead.take_word("or");
        return lower ? " (in upper case)" : "";
    }

    void fail(std::string expected) { fail(std::move(expected), lexer_.position()); }
    void fail(std::string expected, std::uint32_t position) {
        if (error_) return;
        error_ = Error{.code = ErrorCode::invalid_filter,
                       .detail = fmt::format("At character {} of the filter, at {}: expected {}.",
                                             position, lexer_.here(), expected),
                       .parameter = "filter",
                       .position = position,
                       .expected = std::move(expected)};
    }

    FilterLexer lexer_;
    int values_ = 0;
    std::optional<Error> error_;
};

}  // namespace

Answer<Filter> parse_filter(std::string_view text) {
    std::string problem;
    if (text.size() > kMaxFilterBytes) {
        problem = fmt::format("a filter of at most {} bytes", kMaxFilterBytes);
    } else if (!valid_utf8(text)) {
        problem = "text in UTF-8";
    }
    if (problem.empty()) return Parser(text).parse();
    return failure(Error{.code = ErrorCode::invalid_filter,
                         .detail = "The filter does not parse: expected " + problem + ".",
                         .parameter = "filter",
                         .position = 1,
                         .expected = std::move(problem)});
}

}  // namespace atlas::query
