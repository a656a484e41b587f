// SPDX-License-Identifier: Apache-2.0
//
// atlas completion bash: a script for bash, made from the commands and options as they are.
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

std::string words_of(const CLI::App& command) {
    std::string words;
    for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        words += sub->get_name() + " ";
    }
    for (const auto* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) words += "--" + name + " ";
    }
    if (!words.empty()) words.pop_back();
    return words;
}

// One case per command path: "query", "attributes set". The paths themselves are joined by "|".
void add_cases(const CLI::App& command, const std::string& path, std::string& cases,
               std::string& paths) {
    for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string name = path.empty() ? sub->get_name() : path + " " + sub->get_name();
        cases += fmt::format("        \"{}\") words=\"{}\" ;;\n", name, words_of(*sub));
        paths += name + "|";
        add_cases(*sub, name, cases, paths);
    }
}

std::string bash_script(const CLI::App& app) {
    std::string cases;
    std::string paths = "|";
    add_cases(app, "", cases, paths);
    return fmt::format(R"(# Completion of atlas for bash:  source <(atlas completion bash)
_atlas() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} path= words= word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in
        -*) ;;
        *) [[ "{}" != *"|${{path:+$path }}$word|"* ]] || path=${{path:+$path }}$word ;;
        esac
    done
    case $path in
        "") words="{}" ;;
{}    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}}
complete -o filenames -F _atlas atlas
)",
                       paths, words_of(app), cases);
}

}  // namespace

void add_completion(CLI::App& app) {
    auto& command = *app.add_subcommand("completion", "Print the completion script for a shell");
    auto shell = std::make_shared<std::string>("bash");
    command.add_option("shell", *shell, "Name of the shell")
        ->check(CLI::IsMember({"bash"}))
        ->required();
    on_run(command, [&app, shell] {
        fmt::print("{}", bash_script(app));
        return 0;
    });
}

}  // namespace atlas::cli
