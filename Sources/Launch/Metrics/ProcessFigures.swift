import FoundationEssentials
import Glibc

extension PrometheusText {
    /// The process metrics that all Prometheus client libraries provide, under the same names.
    ///
    /// Figures that the kernel does not report are left out.
    mutating func processFigures(startedAtSeconds: Double) {
        family(
            "process_start_time_seconds", .gauge,
            "Start time of the process, in seconds since 1970.",
            startedAtSeconds)
        var cpu = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu)
        family(
            "process_cpu_seconds_total", .counter, "Processor time in user and system mode.",
            Double(cpu.tv_sec) + Double(cpu.tv_nsec) / 1e9)
        // The second number is the resident memory in pages (proc_pid_statm(5)).
        if let pages = words(of: "/proc/self/statm").dropFirst().first.flatMap({ Int($0) }) {
            family(
                "process_resident_memory_bytes", .gauge, "Resident memory, including mapped files.",
                pages * sysconf(Int32(_SC_PAGESIZE)))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            family("process_open_fds", .gauge, "Open file descriptors.", open.count)
        }
        let limits = words(of: "/proc/self/limits")
        if let place = limits.firstIndex(of: "files"), place + 1 < limits.count,
            let most = Int(limits[place + 1])
        {
            family("process_max_fds", .gauge, "Largest number of open file descriptors.", most)
        }
    }

    private func words(of file: String) -> [Substring] {
        let data = FileManager.default.contents(atPath: file) ?? Data()
        return String(decoding: data, as: UTF8.self).split { $0 == " " || $0.isNewline }
    }
}
