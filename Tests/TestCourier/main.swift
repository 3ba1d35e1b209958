import Courier
import Glibc
import Launch

// A courierd with one kind of job, which appends the job's number to the file TEST_EFFECTS. Its record
// deletes the job. A signal between the two repeats the job.
serve(
    .courier(doing: { _ in
        let path = getenv("TEST_EFFECTS").map { String(cString: $0) } ?? "/dev/null"
        let pauseUs = getenv("TEST_PAUSE_US").flatMap { UInt32(String(cString: $0)) } ?? 5000
        let effect = JobHandler(kind: "test", retrySeconds: [0, 0, 0]) { job in
            usleep(pauseUs)
            let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { return .retry(error: "cannot open \(path)") }
            defer { close(file) }
            let line = Array("\(job.id)\n".utf8)
            guard write(file, line, line.count) == line.count else {
                return .retry(error: "cannot write \(path)")
            }
            // The time in which the test kills the process.
            usleep(pauseUs)
            return .done()
        }
        return CourierTasks(handlers: [effect], subscribers: [])
    }))
