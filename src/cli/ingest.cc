// SPDX-License-Identifier: Apache-2.0
//
// atlas ingest FILE…
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/ingest/run.h"
#include "cli/present.h"

namespace atlas::cli {
namespace {

FileFormat format_of(const std::string& file, const std::string& asked) {
    std::string name = file;
    for (const char* packed : {".gz", ".zst"}) {
        if (name.ends_with(packed)) name.resize(name.size() - std::string_view(packed).size());
    }
    const std::string word = asked.empty() ? name.substr(name.rfind('.') + 1) : asked;
    if (word == "csv" || word == "tsv") return FileFormat::csv;
    if (word == "ndjson" || word == "jsonl" || word == "json") return FileFormat::ndjson;
    if (word == "line" || word == "lp" || word == "influx") return FileFormat::line;
    throw CommandError(
        fmt::format("{}: the name does not tell the format; give --format csv, ndjson or line",
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
    fmt::print(stderr, "{}: {} records, {} data points accepted, {} rejected, {}\n", file,
               thousands(totals.records), thousands(totals.points), thousands(totals.rejected),
               show_duration(totals.seconds));
    fmt::print(stderr, "{}", summary(totals.times, options.times, file));
    if (totals.rejected > 0) fmt::print(stderr, "rejected records are in {}\n", run.rejects_path());
}

int run_ingest(IngestOptions& options, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const auto equals = name.find('=');
        if (equals == std::string::npos) throw CommandError("--map must be COLUMN=ATTRIBUTE", 2);
        options.csv.names[name.substr(0, equals)] = name.substr(equals + 1);
    }
    options.precision = precision_of(options.precision_word);
    std::uint64_t rejected = 0;
    for (const std::string& file : options.files) {
        const FileFormat format = format_of(file, options.format);
        IngestOptions mine = options;
        if (options.format == "tsv" || file.find(".tsv") != std::string::npos) {
            mine.csv.delimiter = '\t';
        }
        IngestRun run(mine, file, format);
        const IngestTotals totals = run.run();
        report(options, file, format, run, totals);
        rejected += totals.rejected;
    }
    return rejected == 0 ? 0 : 1;
}

void add_csv_options(CLI::App& command, CsvOptions& csv, std::vector<std::string>& names) {
    constexpr const char* kGroup = "CSV";
    command.add_option("--entity", csv.entity, "Column with the entity")->group(kGroup);
    command.add_option("--type", csv.type, "Column with the type, or one type for all")
        ->group(kGroup);
    command.add_option("--time", csv.time, "Column with the time, or several: --time date,time")
        ->group(kGroup);
    command.add_option("--attributes", csv.attributes, "Columns to ingest; default: all others")
        ->delimiter(',')
        ->group(kGroup);
    command
        .add_option("--map", names, "COLUMN=ATTRIBUTE: name of a column's attribute; repeatable")
        ->group(kGroup);
    command.add_option("--strings", csv.strings, "Columns never read as numbers")
        ->delimiter(',')
        ->group(kGroup);
    command.add_option("--columns", csv.columns, "Names of the columns, if the file has no header")
        ->delimiter(',')
        ->group(kGroup);
    command
        .add_option("--name-column", csv.name_column,
                    "Long files: the column with the attribute's name")
        ->group(kGroup);
    command.add_option("--value-column", csv.value_column, "Long files: the column with its value")
        ->group(kGroup);
    command.add_option("--delimiter", csv.delimiter, "Character between cells")
        ->capture_default_str()
        ->group(kGroup);
}

}  // namespace

void add_ingest(CLI::App& app) {
    auto options = std::make_shared<IngestOptions>();
    auto names = std::make_shared<std::vector<std::string>>();
    auto& command = *app.add_subcommand(
        "ingest", "Send files: CSV, NDJSON or line protocol, also .gz and .zst; - is stdin");
    command.add_option("files", options->files, "Files to send")->required();
    command.add_option("--format", options->format, "Format; default: by the file's name")
        ->check(CLI::IsMember({"csv", "tsv", "ndjson", "line"}));
    command
        .add_option("--precision", options->precision_word, "Precision of times in line protocol")
        ->capture_default_str()
        ->check(CLI::IsMember({"ns", "us", "ms", "s"}));
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
    add_csv_options(command, options->csv, *names);
    add_time_options(command, options->times);
    add_server_options(command, options->server);
    on_run(command, [options, names] { return run_ingest(*options, *names); });
}

}  // namespace atlas::cli
