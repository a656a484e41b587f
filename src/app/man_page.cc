// SPDX-License-Identifier: Apache-2.0
//
// `atlas man`: the manual page atlas(1), made from the commands and options as they are.
#include <fmt/format.h>

#include <memory>

#include "app/roles.h"
#include "base/version.h"
#include "config/config.h"

namespace atlas::app {
namespace {

// Text as roff reads it: no word is taken for a request, and a hyphen can be searched and copied.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool line_begins = out.empty() || out.back() == '\n';
        if (line_begins && (c == '.' || c == '\'')) out += "\\&";
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            case '`': out += "\\(ga"; break;
            case '\'': out += "\\(aq"; break;
            case '^': out += "\\(ha"; break;
            case '~': out += "\\(ti"; break;
            default: out += c;
        }
    }
    return out;
}

std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.') text += '.';
    return roff(text) + "\n";
}

// "-n, --limit UINT", or "name" for what needs no dash.
std::string heading_of(const CLI::Option& option) {
    std::string names;
    for (const auto& name : option.get_snames()) names += fmt::format("\\-{}, ", roff(name));
    for (const auto& name : option.get_lnames()) names += fmt::format("\\-\\-{}, ", roff(name));
    if (names.empty()) return fmt::format("\\fI{}\\fR", roff(option.get_name(true)));
    names.resize(names.size() - 2);
    const std::string type = option.get_items_expected_max() == 0 ? "" : option.get_type_name();
    return type.empty() ? fmt::format("\\fB{}\\fR", names)
                        : fmt::format("\\fB{}\\fR \\fI{}\\fR", names, roff(type));
}

void add_option(const CLI::Option& option, std::string& page) {
    std::string text = option.get_description();
    const auto add = [&text](const std::string& more) {
        if (!text.empty() && text.back() != '.') text += '.';
        text += more;
    };
    if (!option.get_default_str().empty()) add(" Default: " + option.get_default_str());
    if (!option.get_envname().empty()) add(" Variable: " + option.get_envname());
    page += fmt::format(".TP\n{}\n{}", heading_of(option), sentence(text));
}

std::vector<const CLI::App*> subcommands(const CLI::App& command) {
    return command.get_subcommands([](const CLI::App*) { return true; });
}

// The arguments of a command, as in "atlas series [OPTION]... entity attributes...".
std::string usage_of(const CLI::App& command, const std::string& path) {
    std::string usage = fmt::format("atlas {} [OPTION]...", path);
    for (const auto* option : command.get_options()) {
        if (!option->get_positional()) continue;
        const std::string name = option->get_name(true);
        const std::string dots = option->get_items_expected_max() > 1 ? "..." : "";
        usage += option->get_required() ? fmt::format(" {}{}", name, dots)
                                        : fmt::format(" [{}{}]", name, dots);
    }
    if (subcommands(command).empty()) return usage;
    return usage + (command.get_require_subcommand_min() > 0 ? " COMMAND" : " [COMMAND]");
}

// A section for the command and one for each below it.
void add_command(const CLI::App& command, const std::string& path, std::string& page) {
    const auto below = subcommands(command);
    page += fmt::format(".SS \"{}\"\n{}", roff(usage_of(command, path)),
                        sentence(command.get_description()));
    for (const auto* option : command.get_options()) {
        if (option != command.get_help_ptr()) add_option(*option, page);
    }
    for (const auto* sub : below) add_command(*sub, path + " " + sub->get_name(), page);
}

void add_configuration(std::string& page) {
    const config::Config config;
    for (const config::Option* option : config.options()) {
        const std::string value = option->default_text();
        page +=
            fmt::format(".TP\n\\fB{}\\fR ({})\n", roff(option->name()), roff(option->type_text()));
        page +=
            sentence(fmt::format("{} Default: {}. Variable: {}", option->doc(),
                                 value.empty() ? std::string("empty") : value, option->env_name()));
    }
}

constexpr std::string_view kBegin = R"roff(.nh
.ad l
.SH NAME
atlas \- multi\-tenant telemetry platform on PostgreSQL
.SH SYNOPSIS
.B atlas
.I COMMAND
[\fIOPTION\fR]...
.SH DESCRIPTION
Atlas takes telemetry of any shape over HTTP, keeps it in PostgreSQL, and serves the current
state and the history of every entity.
.B atlas up
starts everything on one machine, a private PostgreSQL included;
.B atlas serve
starts a gateway on an existing PostgreSQL;
.B atlas run
starts the one that the options ask for.
The other commands work with a running Atlas, or with its database.
.PP
Data is written to standard output, all else to standard error.
.SH OPTIONS
Every command takes
.BR \-h ", " \-\-help ,
which shows its options.
.TP
.B \-\-version
Print the version.
.SH COMMANDS
)roff";

constexpr std::string_view kConfiguration = R"roff(.SH CONFIGURATION
The commands that take
.B \-\-config
read these options from
.IR atlas.toml ,
then from the environment, then from flags; the last one wins.
Every option is also a flag,
.BI \-\-set " NAME" = VALUE\fR.
A dot in a name is a table in the file.
.B atlas config print
shows what is in force and where it comes from.
)roff";

constexpr std::string_view kEnd = R"roff(.SH ENVIRONMENT
.TP
.B ATLAS_CONFIG
The file of options, where
.B \-\-config
names none.
.TP
.B ATLAS_URL
Address of the server for commands that work with one.
.TP
.B ATLAS_TENANT
The tenant of their requests, where the server asks for no token.
.TP
.B ATLAS_TOKEN
The token of their requests.
.TP
.B NO_COLOR
Set to anything: tables have no colors.
.PP
Every option of atlas.toml has a variable of its own, listed above.
.SH FILES
.TP
.I ~/.config/atlas/atlas.toml
Options of a user.
.TP
.I /etc/atlas/atlas.toml
Options of the service, and of users who have no file of their own and may read this one.
.TP
.I ~/.local/share/atlas
Data of
.BR "atlas up" ,
where no other folder is named; for root and the service
.IR /var/lib/atlas .
.SH EXIT STATUS
.TP
.B 0
Done, or stopped as asked.
.TP
.B 1
Failed, or something was rejected; standard error says what.
.TP
.B 2
The command line or an option is wrong.
.SH EXAMPLES
.nf
atlas up \-\-data ~/telemetry
atlas ingest readings.csv \-\-entity sensor \-\-time ts
atlas query \(aqtype = "pump" AND status = "online"\(aq
psql "$(atlas dsn)"
psql "$(atlas dsn \-\-role admin)"
.fi
.SH SEE ALSO
.BR psql (1),
.BR systemctl (1)
.PP
Guides, the HTTP interface and SQL are described in /usr/share/doc/atlas.
)roff";

std::string man_page(const CLI::App& app) {
    std::string page =
        fmt::format(".TH ATLAS 1 \"\" \"atlas {}\" \"User Commands\"\n{}", roff(version()), kBegin);
    for (const auto* command : subcommands(app)) add_command(*command, command->get_name(), page);
    page += kConfiguration;
    add_configuration(page);
    page += kEnd;
    return page;
}

}  // namespace

void add_man(CLI::App& app) {
    auto& command =
        *app.add_subcommand("man", "Print the manual page atlas(1): atlas man | man -l -");
    command.callback([&app] { fmt::print("{}", man_page(app)); });
}

}  // namespace atlas::app
