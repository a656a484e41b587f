// SPDX-License-Identifier: Apache-2.0
//
// atlas ingest FILE…
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command_list.h"
#include "cli/ingest/run.h"
#include "cli/present.h"

namespace atlas::cli {
namespace {

constexpr const char* kCsvGroup = "CSV";
constexpr const char* kTimesGroup = "Times";

// What a user may type for a command and its options, apart from what they mean.
struct Words {
    std::vector<std::string> names;  // COLUMN=ATTRIBUTE
    std::vector<std::string> types;  // ATTRIBUTE=TYPE
    std::string delimiter = ",";
    std::string thousands;
    std::string encoding;
};

std::string without_packing(const std::string& file) {
    std::string name = lower(file);
    for (const char* packed : {".gz", ".zst"}) {
        if (name.ends_with(packed)) name.resize(name.size() - std::string_view(packed).size());
    }
    return name;
}

FileFormat format_of(const std::string& file, const std::string& asked) {
    const std::string name = without_packing(file);
    const std::string word = asked.empty() ? name.substr(name.rfind('.') + 1) : asked;
    if (word == "csv" || word == "tsv") return FileFormat::csv;
    if (word == "ndjson" || word == "jsonl" || word == "json") return FileFormat::ndjson;
    if (word == "line" || word == "lp" || word == "influx") return FileFormat::line;
    throw CommandError(
        fmt::format(
            "{}: cannot tell the format from the name; give --format csv, ndjson, json or line",
            file),
        2);
}

ingest::Precision precision_of(const std::string& word) {
    if (word == "us") return ingest::Precision::us;
    if (word == "ms") return ingest::Precision::ms;
    if (word == "s") return ingest::Precision::s;
    return ingest::Precision::ns;
}

void report(const IngestOptions& options, const std::string& file, FileFormat format,
            const IngestRun& run, const IngestTotals& totals) {
    if (options.server.json) {
        boost::json::object line{{"file", file},
                                 {"records", totals.records},
                                 {"accepted", totals.points},
                                 {"rejected", totals.rejected},
                                 {"overwritten", totals.overwritten},
                                 {"dry_run", options.dry_run},
                                 {"seconds", totals.seconds}};
        if (format == FileFormat::csv) {
            line["ambiguous_times"] = totals.times.repeated;
            line["ambiguous_overwritten"] = totals.times.collided;
            line["nonexistent_times"] = totals.times.missing;
        }
        fmt::print("{}\n", boost::json::serialize(line));
        return;
    }
    const auto thousands = [](std::uint64_t n) { return with_thousands(std::to_string(n)); };
    fmt::print(stderr, "{}: {} records, {} data points {}, {} rejected{}, {}\n", file,
               thousands(totals.records), thousands(totals.points),
               options.dry_run ? "would be accepted" : "accepted", thousands(totals.rejected),
               totals.overwritten > 0
                   ? fmt::format(", {} overwritten by later ones", thousands(totals.overwritten))
                   : std::string(),
               show_duration(totals.seconds));
    fmt::print(stderr, "{}", summary(totals.times, options.times, file));
    if (totals.rejected > 0) fmt::print(stderr, "rejected records are in {}\n", run.rejects_path());
}

std::pair<std::string, std::string> split_pair(const std::string& text, std::string_view option,
                                               std::string_view form) {
    const auto equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw CommandError(fmt::format("{} must be {}, not \"{}\"", option, form, text), 2);
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

// One byte, or the word for a tab, which few can type.
char separator_of(const std::string& word, std::string_view option) {
    if (word == "\\t" || word == "tab") return '\t';
    const bool fits = word.size() == 1 && word != "\"" && word != "\n" && word != "\r" &&
                      static_cast<unsigned char>(word[0]) < 0x80;
    if (fits) return word[0];
    throw CommandError(
        fmt::format("{} must be one ASCII character that is no quote, or tab; not \"{}\"", option,
                    word),
        2);
}

void read_words(const Words& words, IngestOptions& options) {
    for (const std::string& word : words.names) {
        const auto [column, attribute] = split_pair(word, "--map", "COLUMN=ATTRIBUTE");
        if (!options.csv.names.emplace(column, attribute).second) {
            throw CommandError(fmt::format("--map names the column \"{}\" twice", column), 2);
        }
    }
    for (const std::string& word : words.types) {
        const auto [attribute, type] = split_pair(word, "--attribute-type", "ATTRIBUTE=TYPE");
        if (!parse_cell_type(type)) {
            throw CommandError(
                fmt::format("--attribute-type: \"{}\" is not int, double, decimal, bool, string, "
                            "timestamp or json",
                            type),
                2);
        }
        if (!options.csv.types.emplace(attribute, type).second) {
            throw CommandError(fmt::format("--attribute-type names \"{}\" twice", attribute), 2);
        }
    }
    if (options.csv.type.find('=') != std::string::npos) {
        throw CommandError(
            fmt::format("--type is the type of the entities; the type of an attribute is "
                        "--attribute-type {}",
                        options.csv.type),
            2);
    }
    if (!options.csv.entity.empty() && !options.csv.entity_value.empty()) {
        throw CommandError("--entity and --entity-value exclude one another", 2);
    }
    options.csv.delimiter = separator_of(words.delimiter, "--delimiter");
    if (!words.thousands.empty()) {
        options.csv.cells.thousands = separator_of(words.thousands, "--thousands");
        if (options.csv.cells.thousands == (options.csv.cells.decimal_comma ? ',' : '.')) {
            throw CommandError("--thousands names the character that begins the fraction", 2);
        }
    }
    if (words.encoding.empty()) return;
    options.encoding = parse_encoding(words.encoding);
    if (!options.encoding) {
        throw CommandError(
            fmt::format("--encoding must be utf-8, latin1, windows-1252 or utf-16, not \"{}\"",
                        words.encoding),
            2);
    }
}

// What only CSV has must not be ignored without a word.
void check_groups(const CLI::App& command, const IngestOptions& options) {
    const bool has_csv = std::ranges::any_of(options.files, [&](const std::string& file) {
        return format_of(file, options.format) == FileFormat::csv;
    });
    for (const CLI::Option* option : command.get_options()) {
        const bool of_csv = option->get_group() == kCsvGroup ||
                            (option->get_group() == kTimesGroup && option->get_name() != "--now");
        if (has_csv || option->count() == 0 || !of_csv) continue;
        throw CommandError(
            fmt::format("{} is for CSV files, and there is none", option->get_name()), 2);
    }
}

int run_ingest(const CLI::App& command, IngestOptions& options, const Words& words) {
    read_words(words, options);
    check_groups(command, options);
    options.precision = precision_of(options.precision_word);
    std::uint64_t rejected = 0;
    for (const std::string& file : options.files) {
        const FileFormat format = format_of(file, options.format);
        IngestOptions mine = options;
        if (options.format == "tsv" || without_packing(file).ends_with(".tsv")) {
            mine.csv.delimiter = '\t';
        }
        IngestRun run(mine, file, format);
        const IngestTotals totals = run.run();
        report(options, file, format, run, totals);
        rejected += totals.rejected;
    }
    return rejected == 0 ? 0 : 1;
}

void add_cell_options(CLI::App& command, CsvOptions& csv, Words& words) {
    constexpr const char* kGroup = kCsvGroup;
    command
        .add_option("--attribute-type", words.types,
                    "ATTRIBUTE=TYPE: int, double, decimal, bool, string, timestamp or json; "
                    "default: by the first 10,000 records; repeatable")
        ->allow_extra_args(false)
        ->group(kGroup);
    command
        .add_option("--null", csv.cells.no_value,
                    "Words for no value, in place of the usual ones such as NA, NaN, null and -")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(kGroup);
    command
        .add_flag("--decimal-comma", csv.cells.decimal_comma,
                  "Numbers are written 1.234,5: a comma begins the fraction")
        ->group(kGroup);
    command
        .add_option("--thousands", words.thousands,
                    "Character between groups of three digits, such as , in 1,234")
        ->group(kGroup);
    command.add_option("--skip-lines", csv.skip_lines, "Lines before the header to leave out")
        ->group(kGroup);
    command.add_option("--comment", csv.comment, "What begins a line to leave out, such as #")
        ->group(kGroup);
    command
        .add_flag("--units-row", csv.units_row,
                  "The row below the header has units; attributes without one get theirs")
        ->group(kGroup);
}

void add_csv_options(CLI::App& command, CsvOptions& csv, Words& words) {
    constexpr const char* kGroup = kCsvGroup;
    command.add_option("--entity", csv.entity, "Column with the entity")->group(kGroup);
    command.add_option("--entity-value", csv.entity_value, "The entity of all records")
        ->group(kGroup);
    command.add_option("--type", csv.type, "Column with the entity's type, or one type for all")
        ->group(kGroup);
    command.add_option("--time", csv.time, "Column with the time, or several: --time date,time")
        ->group(kGroup);
    command.add_option("--attributes", csv.attributes, "Columns to ingest; default: all others")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(kGroup);
    command
        .add_option("--map", words.names,
                    "COLUMN=ATTRIBUTE: name of a column's attribute; repeatable")
        ->allow_extra_args(false)
        ->group(kGroup);
    command.add_option("--strings", csv.strings, "Columns never read as numbers")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(kGroup);
    command.add_option("--columns", csv.columns, "Names of the columns, if the file has no header")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group(kGroup);
    command
        .add_option("--name-column", csv.name_column,
                    "Long files: the column with the attribute's name")
        ->group(kGroup);
    command.add_option("--value-column", csv.value_column, "Long files: the column with its value")
        ->group(kGroup);
    command
        .add_option("--delimiter", words.delimiter, "Character between cells; tab or \\t for a tab")
        ->capture_default_str()
        ->group(kGroup);
    add_cell_options(command, csv, words);
}

}  // namespace

void add_ingest(CLI::App& app) {
    auto options = std::make_shared<IngestOptions>();
    auto words = std::make_shared<Words>();
    auto& command = *app.add_subcommand(
        "ingest", "Send files: CSV, NDJSON, JSON or line protocol, also .gz and .zst; - is stdin");
    command.add_option("files", options->files, "Files to send")->required();
    command.add_option("--format", options->format, "Format; default: by the file's name")
        ->check(CLI::IsMember({"csv", "tsv", "ndjson", "json", "line"}));
    command
        .add_option("--precision", options->precision_word, "Precision of times in line protocol")
        ->capture_default_str()
        ->check(CLI::IsMember({"ns", "us", "ms", "s"}));
    command
        .add_option("--encoding", words->encoding,
                    "utf-8, latin1, windows-1252 or utf-16; default: by the byte order mark, else "
                    "utf-8")
        ->type_name("NAME");
    command.add_flag("--dry-run", options->dry_run,
                     "Show what the file is read as and what the server would reject; store "
                     "nothing");
    command.add_option("--rejects", options->rejects,
                       "File for rejected records; default: <file>.rejects.ndjson");
    command.add_option("--state", options->state, "File that stores how far a run came");
    command.add_flag("--restart", options->restart, "Start over, ignoring the state file");
    command.add_option("--connections", options->connections, "Requests in flight at one time")
        ->capture_default_str()
        ->check(CLI::Range(1, 64));
    command.add_option("--batch-bytes", options->batch_bytes, "Bytes of a request's body")
        ->capture_default_str()
        ->check(CLI::Range(1000, 16 << 20));
    command
        .add_option("--patience", options->patience_seconds,
                    "Seconds without any success after which to give up")
        ->capture_default_str();
    add_csv_options(command, options->csv, *words);
    add_time_options(command, options->times);
    add_server_options(command, options->server);
    on_run(command, [&command, options, words] { return run_ingest(command, *options, *words); });
}

}  // namespace atlas::cli
