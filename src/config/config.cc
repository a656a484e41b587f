// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace atlas::config {
namespace fs = std::filesystem;
namespace {

using Problems = std::vector<std::string>;

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            row[j + 1] = std::min({above + 1, row[j] + 1, replaced});
            diagonal = above;
        }
    }
    return row.back();
}

std::string unknown(const OptionTable& table, std::string_view where, std::string_view name) {
    const auto nearest = std::ranges::min_element(
        table.options(), {},
        [name](const Option* option) { return distance(option->name(), name); });
    return fmt::format("{}: unknown option {}; did you mean {}?", where, name, (*nearest)->name());
}

void set(const OptionTable& table, std::string_view where, std::string_view name,
         std::string_view text, Source source, Problems& problems) {
    Option* option = table.find(name);
    if (option == nullptr) {
        problems.push_back(unknown(table, where, name));
    } else if (const auto done = option->set(text, source); !done) {
        problems.push_back(fmt::format("{}: {}", where, done.error()));
    }
}

// The text of a scalar as options read it; nullopt for a kind that no option has.
std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    return std::nullopt;
}

bool fits(Kind kind, const toml::node& node) {
    switch (kind) {
        case Kind::integer: return node.is_integer();
        case Kind::boolean: return node.is_boolean();
        case Kind::text:
        case Kind::duration:
        case Kind::choice: break;
    }
    return node.is_string();
}

void set_from_table(const OptionTable& options, const std::string& file, const toml::table& table,
                    const std::string& prefix, Problems& problems) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (const auto* inner = node.as_table()) {
            set_from_table(options, file, *inner, name + ".", problems);
            continue;
        }
        const std::string where = fmt::format("{} line {}", file, node.source().begin.line);
        const Option* option = options.find(name);
        const auto text = text_of(node);
        if (option != nullptr && (!text || !fits(option->kind(), node))) {
            problems.push_back(fmt::format("{}: {} takes {}", where, name, option->type_text()));
            continue;
        }
        set(options, where, name, text.value_or(""), Source::file, problems);
    }
}

void read_file(const OptionTable& options, const fs::path& path, Problems& problems) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        problems.push_back(fmt::format("{}: no such file", path.string()));
        return;
    }
    try {
        set_from_table(options, path.string(), toml::parse_file(path.string()), "", problems);
    } catch (const toml::parse_error& bad) {
        problems.push_back(fmt::format("{} line {}: {}", path.string(), bad.source().begin.line,
                                       bad.description()));
    }
}

// host=h password=s3cret → host=h password=***, also in a URI.
std::string without_password(std::string text) {
    if (const auto at = text.find("password="); at != std::string::npos) {
        const auto begin = at + 9;
        const bool quoted = begin < text.size() && text[begin] == '\'';
        auto end = text.find(quoted ? '\'' : ' ', begin + (quoted ? 1 : 0));
        if (end != std::string::npos && quoted) ++end;
        text.replace(begin, end == std::string::npos ? end : end - begin, "***");
    }
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) return text;
    const auto at = text.find('@', scheme);
    const auto colon = text.find(':', scheme + 3);
    if (at != std::string::npos && colon < at) text.replace(colon + 1, at - colon - 1, "***");
    return text;
}

}  // namespace

std::string shown_value(const Option& option) {
    return without_password(option.value_text());
}

namespace {

std::string toml_value(const Option& option) {
    if (option.kind() == Kind::integer || option.kind() == Kind::boolean) {
        return option.value_text();
    }
    std::string out = "\"";
    for (const char c : shown_value(option)) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace

std::vector<std::string> load(Config& config, const Sources& sources) {
    Problems problems;
    if (sources.file) read_file(config, *sources.file, problems);
    if (sources.environment) {
        for (const Option* option : config.options()) {
            const std::string variable = option->env_name();
            const char* text = sources.environment(variable.c_str());
            if (text == nullptr) continue;
            set(config, "environment " + variable, option->name(), text, Source::environment,
                problems);
        }
    }
    for (const auto& [name, text] : sources.flags) {
        set(config, "flag", name, text, Source::flag, problems);
    }
    return problems;
}

std::optional<fs::path> default_file() {
    std::vector<fs::path> places;
    if (const char* base = std::getenv("XDG_CONFIG_HOME"); base != nullptr && *base == '/') {
        places.push_back(fs::path(base) / "atlas/atlas.toml");
    } else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
        places.push_back(fs::path(home) / ".config/atlas/atlas.toml");
    }
    std::error_code ignored;
    for (const auto& place : places) {
        if (fs::exists(place, ignored)) return place;
    }
    // The service's file may hold a password and be closed to other users, whose own Atlas it does
    // not concern.
    constexpr const char* kOfService = "/etc/atlas/atlas.toml";
    return access(kOfService, R_OK) == 0 ? std::optional<fs::path>(kOfService) : std::nullopt;
}

std::string print(const OptionTable& options) {
    std::string out;
    for (const Option* option : options.options()) {
        out += fmt::format("{} = {}  # {}\n", option->name(), toml_value(*option),
                           to_string(option->source()));
    }
    return out;
}

std::string render_markdown(const OptionTable& options) {
    std::string out =
        "# Configuration\n\n"
        "Options are read from `atlas.toml` (`--config FILE`, else `~/.config/atlas/atlas.toml`,\n"
        "else `/etc/atlas/atlas.toml` if it can be read), then from the environment, then from\n"
        "flags; the last one wins. Every option is also a flag: `--set name=value`. A dot in a\n"
        "name is a table in the file. Unknown options stop the start; unknown variables do not.\n"
        "`atlas config print` shows what is in force and where it comes from, `atlas config "
        "check`\n"
        "only what is wrong.\n\n"
        "This page is written by `atlas config markdown`.\n\n"
        "| option | takes | default | variable |\n|---|---|---|---|\n";
    for (const Option* option : options.options()) {
        const std::string value = option->default_text();
        out += fmt::format("| `{}`<br>{} | {} | {} | `{}` |\n", option->name(), option->doc(),
                           option->type_text(),
                           value.empty() ? std::string("(empty)") : fmt::format("`{}`", value),
                           option->env_name());
    }
    return out;
}

}  // namespace atlas::config
