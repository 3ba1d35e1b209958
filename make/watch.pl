# usage: perl make/watch.pl NAME...
# Watches an open shop of `make run` from inside SOUK_HOME: kills daemons that hang, and rotates logs. On a server
# systemd and logrotate do that. The daemons send the same watchdog messages as to systemd (sd_notify(3)), so both
# measure progress in the same way. In Perl because bash cannot receive them, and because one process does it all
# without starting others.
use strict;
use warnings;
use Socket qw(AF_UNIX SOCK_DGRAM MSG_DONTWAIT pack_sockaddr_un);

# Seconds between two watchdog messages at most; the same as WATCHDOG_USEC of supervise.sh, and as WatchdogSec of
# systemd/souk@.service.
my $patience = 30;
# Seconds of a round.
my $round = 5;
# Bytes at which a log is rotated. One older file is kept of each.
my $log_limit = 16 * 1024 * 1024;

$| = 1;

my %sockets;      # by daemon: where its messages arrive
my %processes;    # by daemon: the process that is being watched
my %heard;        # by daemon: when its last message arrived, or when the process was first seen

# Seconds since the start of the machine, which no change of the clock affects. Not Time::HiRes, which a Debian with
# perl-base only lacks.
sub now {
    open(my $file, '<', '/proc/uptime') or die "cannot read /proc/uptime: $!\n";
    return (split ' ', <$file>)[0];
}

# The state letter of a process (proc(5)), or an empty string if there is none.
sub state_of {
    my ($pid) = @_;
    open(my $file, '<', "/proc/$pid/stat") or return '';
    my $line = <$file> // '';
    return $line =~ /\) (\S)/ ? $1 : '';
}

sub pid_of {
    my ($program) = @_;
    open(my $file, '<', "run/$program.pid") or return 0;
    my $line = <$file> // '';
    return $line =~ /^(\d+)/ ? $1 : 0;
}

# After a SIGKILL, the previous socket file may still exist.
sub open_sockets {
    for my $name (@_) {
        my $path = "run/$name.notify";
        unlink($path);
        socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "no socket: $!\n";
        bind($socket, pack_sockaddr_un($path)) or die "cannot receive at $path: $!\n";
        $sockets{$name} = $socket;
    }
}

# Receives messages for some seconds, and then what is left in the queues.
sub receive {
    my ($seconds) = @_;
    my $end = now() + $seconds;
    while (1) {
        my $left = $end - now();
        my $bits = '';
        vec($bits, fileno($_), 1) = 1 for values %sockets;
        my $count = select(my $ready = $bits, undef, undef, $left > 0 ? $left : 0);
        last if $count < 1 && $left <= 0;
        next if $count < 1;
        for my $name (keys %sockets) {
            my $socket = $sockets{$name};
            next if !vec($ready, fileno($socket), 1) || !defined recv($socket, my $message, 4096, MSG_DONTWAIT);
            $heard{$name} = now() if $message =~ /^(?:READY|WATCHDOG)=1$/m;
        }
    }
}

# Restarts the time of a daemon if its process is new, or if a debugger has stopped it (state t).
sub find_hung {
    my @hung;
    for my $name (sort keys %sockets) {
        my $pid = pid_of("${name}d");
        if ($pid != ($processes{$name} // 0) || state_of($pid) =~ /^[tZ]?$/) {
            $processes{$name} = $pid;
            $heard{$name} = now();
        }
        push @hung, ["${name}d", $pid] if now() - $heard{$name} >= $patience;
    }
    return @hung;
}

# supervise.sh starts it again, and finds the reason in run/PROGRAM.hung.
sub end_hung {
    for my $hung (@_) {
        my ($program, $pid) = @$hung;
        open(my $note, '>', "run/$program.hung") or warn "cannot write run/$program.hung: $!\n";
        print "$program sent no watchdog message for $patience s: killing process $pid\n";
        kill('KILL', $pid);
    }
}

# nginx opens its logs again on USR1.
sub rotate_nginx {
    my @large = grep { (-s $_ // 0) > $log_limit } 'log/access.log', 'log/nginx.log';
    my $pid = pid_of('nginx');
    return if !@large || !$pid;
    rename($_, "$_.1") for @large;
    kill('USR1', $pid);
}

# The other programs keep their log open for appending, so it is copied and truncated. Lines written between the two
# steps are lost. If the disk has no room for a copy, the log stays as it is.
sub rotate_copy {
    my ($log) = @_;
    return if (-s $log // 0) <= $log_limit;
    open(my $from, '<:raw', $log) or return;
    open(my $to, '>:raw', "$log.new") or return;
    my ($part, $is_whole) = ('', 1);
    while ($is_whole and my $count = sysread($from, $part, 65536)) {
        $is_whole = (syswrite($to, $part) // 0) == $count;
    }
    if ($is_whole && close($to) && rename("$log.new", "$log.1")) {
        truncate($log, 0);
    } else {
        unlink("$log.new");
    }
}

open_sockets(@ARGV);
while (1) {
    my $begin = now();
    rotate_nginx();
    rotate_copy($_) for grep { !/(access|nginx)\.log$/ } glob('log/*.log');
    receive($round);
    # If a round took much longer, this process was stopped, and perhaps the whole machine. It could receive no messages
    # meanwhile.
    if (now() - $begin > 3 * $round) { $heard{$_} = now() for keys %sockets }
    end_hung(find_hung());
}
