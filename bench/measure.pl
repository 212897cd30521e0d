#!/usr/bin/perl
# What is measured, and the table.  usage: measure.pl FILE   (see run)

use strict;
use warnings;
use utf8;

use JSON::PP ();
use Time::HiRes qw(sleep time);

use Lab;

my $ROUNDS = 3;                         # the median counts
my $WARM = 1;                           # seconds before a measurement
my $SECONDS = 3;
my $STORED = 1_000_000;                 # check-ins stored before, ...
my $FEW = 1000;                         # ... and where there are few
my $DEVICES = 4000;                     # that check in, in turns
my $PERSONS = 10_000;                   # for the bytes in Redis

my $file = shift or die "usage: measure.pl FILE\n";
my $began = time;
my ($lab, %rate, %latency, %busy, %size);
my $person = 1_000_000;                 # nobody checks in twice

binmode STDOUT, ':encoding(UTF-8)';
$| = 1;
$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);

sub note {
    printf "%4d s  %s\n", time - $began, join '', @_;
    return;
}

sub persons {                           # a million of nobody's numbers
    $person += 1_000_000;
    return $person;
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[@sorted / 2];
}


# ---- what is asked

# Paths below the module's locations; a pair of each with a static file.

my %page = (
    menu_json => 'api/menu', menu_page => 'menu',
    timetable_json => 'api/timetable', timetable_page => 'timetable',
    event_json => 'api/events/EVENT', event_page => 'event/EVENT',
    qr => 'screen/EVENT/qr.svg?pass=PASS');

my %checkin = (                         # path, which Redis
    checkin_everysec => ['/everysec/api/c', 'everysec'],
    checkin_lua => ['/lua/api/c', 'everysec'],
    checkin_node => ['/node/api/c', 'everysec'],
    checkin_million => ['/million/api/c', 'million'],
    checkin_always => ['/always/api/c', 'always']);

sub page_path {
    my ($name) = @_;

    my $pass = $lab->{main}->seal->pass(event => $lab->{event},
                                        expires => int(time) + 3600);

    return '/everysec/' . $page{$name} =~ s/EVENT/$lab->{event}/r
                                        =~ s/PASS/$pass/r;
}


# ---- before: every way does what it says

# The same check-in three times in three ways.  What it leaves in the journal
# must be the same but for the person, and our roster must be able to read it.

sub check_ways {
    my $redis = $lab->{redis}{everysec};
    my ($cookie, $ticket) = first_device();
    my (%shape, $n);

    for my $way (qw(everysec lua node)) {
        my $name = sprintf '居民%09d', ++$n;
        my $site = $way eq 'everysec' ? 'main' : 'peers';

        for my $status (201, 200) {
            my $r = $lab->{$site}->browser(base => "/$way")->post('api/c',
                json => { ticket => $ticket, who => 'family', name => $name,
                          phone => sprintf '13%09d', $n },
                headers => { Cookie => $cookie });
            die "$way: $r->{status} instead of $status: $r->{body}\n"
                if $r->{status} != $status || $r->json->{name} ne $name;
        }

        $shape{$way} = last_entry($redis);
    }

    for my $way (qw(lua node)) {
        die "the journal entry of bench/$way is not the module's:\n",
            "    $shape{$way}\n    $shape{everysec}\n"
            if $shape{$way} ne $shape{everysec};
    }

    my $r = $lab->{worker}{everysec}
                ->get("api/staff/events/$lab->{event}/roster");
    my @names = sort map { $_->{name} } @{$r->json->{items}};

    die "the roster has: @names\n"
        if "@names" ne '居民000000001 居民000000002 居民000000003';

    return;
}

sub first_device {
    my $path = $lab->devices($lab->{event}, $DEVICES);
    my ($line) = split /\n/, Wenming::Site::read_file($path);

    return split ' ', $line;
}

# The newest entry: its words with their lengths, and its effects with what
# differs from one person to the next masked.

sub last_entry {
    my ($redis) = @_;

    my ($entry) = @{$redis->call('XREVRANGE', $lab->key('journal'), '+', '-',
                                 'COUNT', 1)};
    my %f = @{$entry->[1]};
    my @words = split / /, $f{w};

    splice @words, 1, 1;                # its number

    return join ', ', (map { length } @words),
                map { mask($_) } @{unpacked($f{e})};
}

sub mask {
    my ($word) = @_;

    return '(' . length($word) . ' bytes)' if $word =~ /[^\x20-\x7e]/;

    return $word =~ s/\d{13}/TIME/gr
                 =~ s/(?<![0-9A-Z])[0-9A-HJKMNP-TV-Z]{16}(?![0-9A-Z])/ID/gr;
}

# MessagePack, as far as effects go: a list of counts and strings.

sub unpacked {
    my ($bytes) = @_;

    my ($n, $rest) = unpack 'C a*', $bytes;
    my @words;

    ($n, $rest) = $n == 0xdc ? unpack 'n a*', $rest : ($n & 15, $rest);

    for (1 .. $n) {
        my ($head, $tail) = unpack 'C a*', $rest;

        if ($head < 0x80) {
            push @words, $head;
            $rest = $tail;
            next;
        }

        my ($word, $end) = ($head & 0xe0) == 0xa0
            ? unpack 'a' . ($head & 31) . ' a*', $tail
            : unpack { 0xd9 => 'C/a a*', 0xda => 'n/a a*' }->{$head}
                     // die("an effect with an unexpected type\n"), $tail;

        push @words, $word;
        $rest = $end;
    }

    return \@words;
}

sub check_pages {
    for my $name (sort keys %page) {
        my $path = page_path($name);
        my $r = $lab->{main}->browser->get($path);

        die "$path: $r->{status} $r->{error}\n" if $r->{status} != 200;

        $size{$name} = length $r->{body};
        Wenming::Site::write_file("$lab->{main}{dir}/static/$name",
                                  'x' x $size{$name});
    }

    system('chmod', '-R', 'a+rX', "$lab->{main}{dir}/static");

    return;
}


# ---- measuring

sub measure_get {
    my ($name, $path) = @_;

    my $url = $lab->url($path);

    $lab->wrk($WARM, 'report', $url) if !$rate{$name};
    my $r = $lab->wrk($SECONDS, 'report', $url);
    push @{$rate{$name}}, $r->{rate};

    return;
}

# Every answer was a commit: the journal and the roster grew by as many, and
# by what wrk did not wait for at its end, one a connection at most.

sub grew {
    my ($name, $what, $by, $answers) = @_;

    die "$name: $answers answers, but $by more in $what\n"
        if $by < $answers || $by > $answers + 64;

    return;
}

# The journal's length, when what was on its way has arrived.

sub settled {
    my ($store) = @_;

    my ($n, $before) = ($lab->count($store, 'XLEN', 'journal'), -1);

    while ($n != $before) {
        sleep 0.3;
        ($before, $n) = ($n, $lab->count($store, 'XLEN', 'journal'));
    }

    return $n;
}

sub measure_checkin {
    my ($name, $round) = @_;

    my ($path, $store) = @{$checkin{$name}};
    my $att = "att:$lab->{event}";
    my $url = $lab->url($path);
    my $devices = $lab->devices($lab->{event}, $DEVICES);
    my %pid = (worker => $lab->worker_pid($path =~ m{^/(?:lua|node)/}
                                          ? 'peers' : 'main'),
               redis => $lab->{site}{$store}{redis_pid});

    $lab->reset($store);
    $lab->wrk($WARM, 'checkin', $url, $devices, persons(), 0);

    my @before = (settled($store), $lab->count($store, 'HLEN', $att),
                  map { Lab::cpu($pid{$_}) } qw(worker redis));
    my $r = $lab->wrk($SECONDS, 'checkin', $url, $devices, persons(), 0);
    my @after = map { Lab::cpu($pid{$_}) } qw(worker redis);

    grew($name, 'the journal', settled($store) - $before[0], $r->{requests});
    grew($name, 'the roster',
         $lab->count($store, 'HLEN', $att) - $before[1], $r->{requests});

    push @{$rate{$name}}, $r->{rate};
    push @{$latency{$name}}, $r->{p99} / $r->{mean};
    push @{$busy{"${name}_worker"}},
        ($after[0] - $before[2]) / ($r->{duration} / 1e6);
    push @{$busy{"${name}_redis"}},
        ($after[1] - $before[3]) / ($r->{duration} / 1e6);

    audit($name, $store) if $round == 1 && $store eq 'everysec';

    return;
}

# The chain of the journal holds, whoever wrote it.

sub audit {
    my ($name, $store) = @_;

    my $site = $lab->{site}{$store};
    my ($rc, $said) = $site->tool('audit');

    die "$name: wenming audit says:\n$said" if $rc != 0;

    return;
}

sub measure_order {
    my $store = 'everysec';
    my $url = $lab->url('/everysec/api/orders');
    my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
    my @what = ('science-01', 'wenyilu-1', $day);

    $lab->reset($store);
    $lab->wrk($WARM, 'order', $url, @what, persons());

    my @before = (settled($store),
                  $lab->count($store, 'ZCARD', 'orders:wenyilu-1'));
    my $r = $lab->wrk($SECONDS, 'order', $url, @what, persons());

    grew('order', 'the journal', settled($store) - $before[0],
         $r->{requests});
    grew('order', 'the orders of the unit',
         $lab->count($store, 'ZCARD', 'orders:wenyilu-1') - $before[1],
         $r->{requests});

    push @{$rate{order}}, $r->{rate};

    return;
}

sub round {
    my ($round) = @_;

    note("round $round of $ROUNDS");

    measure_get('return200', '/return200');
    measure_checkin($_, $round) for qw(checkin_everysec checkin_lua
        checkin_node checkin_million checkin_always);
    measure_order();

    for my $name (sort keys %page) {
        measure_get($name, page_path($name));
        measure_get("${name}_static", "/static/$name");
    }

    return;
}


# ---- bytes in Redis

# Each person has a device of his own, and checks in at two events: the first
# time he is new, the second time he is known.  The journal does not count.

sub used {
    my $redis = $lab->{redis}{everysec};

    $redis->call('DEL', $lab->key('journal'));
    sleep 1.5;                          # buffers of the AOF

    return $lab->info('everysec', 'used_memory');
}

sub measure_bytes {
    my $first = persons();
    my $url = $lab->url('/everysec/api/c');
    my @used;

    $lab->reset('everysec');

    for my $event ($lab->{event}, $lab->{other}) {
        my $devices = $lab->devices($event, $PERSONS);
        my $before = $lab->count('everysec', 'HLEN', "att:$event");

        push @used, used() if !@used;

        for my $seconds (1, 2, 4, 8, 16) {
            $lab->wrk($seconds, 'checkin', $url, $devices, $first, $PERSONS);
            last if $lab->count('everysec', 'HLEN', "att:$event") - $before
                    == $PERSONS;
            die "not everybody could be checked in\n" if $seconds == 16;
        }

        push @used, used();
    }

    return map { ($used[$_] - $used[$_ - 1]) / $PERSONS } 1, 2;
}


# ---- the result

sub ratio {
    my ($a, $b) = @_;

    return median(map { $rate{$a}[$_] / $rate{$b}[$_] } 0 .. $ROUNDS - 1);
}

# Time of nginx's worker that a check-in takes, which a busy machine spoils
# less than a rate.

sub cost {
    my ($a, $b) = @_;

    return median(map {
        $busy{"${a}_worker"}[$_] / $rate{$a}[$_]
        / ($busy{"${b}_worker"}[$_] / $rate{$b}[$_])
    } 0 .. $ROUNDS - 1);
}

my %result;

sub collect {
    my ($new, $known) = measure_bytes();

    %result = (
        ratios => {
            checkin_everysec_vs_return200 =>
                ratio('checkin_everysec', 'return200'),
            checkin_always_vs_return200 =>
                ratio('checkin_always', 'return200'),
            checkin_vs_lua => ratio('checkin_everysec', 'checkin_lua'),
            checkin_vs_node => ratio('checkin_everysec', 'checkin_node'),
            menu_vs_static => ratio('menu_json', 'menu_json_static'),
            page_vs_static => ratio('menu_page', 'menu_page_static'),
            qr_vs_static => ratio('qr', 'qr_static'),
            checkin_1e6_vs_1e3 =>
                ratio('checkin_million', 'checkin_everysec'),
        },
        p99_over_mean => median(@{$latency{checkin_everysec}}),
        worker_pss_mb => $lab->private_kb($lab->worker_pid('main')) / 1024,
        redis_bytes_per_checkin => $known,
        redis_bytes_per_new_person => $new,
        more => {
            order_vs_return200 => ratio('order', 'return200'),
            timetable_vs_static =>
                ratio('timetable_json', 'timetable_json_static'),
            timetable_page_vs_static =>
                ratio('timetable_page', 'timetable_page_static'),
            event_vs_static => ratio('event_json', 'event_json_static'),
            event_page_vs_static =>
                ratio('event_page', 'event_page_static'),
            worker_time_lua_vs_checkin =>
                cost('checkin_lua', 'checkin_everysec'),
            always_vs_everysec =>
                ratio('checkin_always', 'checkin_everysec'),
            p99_over_mean_always => median(@{$latency{checkin_always}}),
            p99_over_mean_lua => median(@{$latency{checkin_lua}}),
            p99_over_mean_node => median(@{$latency{checkin_node}}),
        },
        core_busy => { map { $_ => median(@{$busy{$_}}) } keys %busy },
        bytes_of_answer => \%size,
        seconds => time - $began);

    return;
}

sub round_off {
    my ($value) = @_;

    return { map { $_ => round_off($value->{$_}) } keys %$value }
        if ref $value;
    return $value >= 100 ? 0 + sprintf '%.0f', $value
                         : 0 + sprintf '%.3f', $value;
}

# sentence, value, what it is to be; later ones have no aim

sub rows {
    my ($r, $m) = @result{qw(ratios more)};

    return (
        ['check-in, everysec : return 200',
         $r->{checkin_everysec_vs_return200}, '>=', 0.33],
        ['check-in, always : return 200',
         $r->{checkin_always_vs_return200}, '>=', 0.25],
        ['check-in : the same in lua-nginx-module', $r->{checkin_vs_lua},
         '>=', 1.7],
        ['check-in : the same in Node behind nginx', $r->{checkin_vs_node},
         '>=', 3],
        ['menu, JSON : static file', $r->{menu_vs_static}, '>=', 0.8],
        ['menu, page : static file', $r->{page_vs_static}, '>=', 0.8],
        ['timetable, JSON : static file', $m->{timetable_vs_static}, '>=',
         0.8],
        ['timetable, page : static file', $m->{timetable_page_vs_static},
         '>=', 0.8],
        ['event, JSON : static file', $m->{event_vs_static}, '>=', 0.8],
        ['event, page : static file', $m->{event_page_vs_static}, '>=', 0.8],
        ["the screen's QR : static file", $r->{qr_vs_static}, '>=', 0.8],
        ['check-in with 10^6 stored : with 10^3', $r->{checkin_1e6_vs_1e3},
         '>=', 0.9],
        ['check-in, p99 : mean, 64 connections', $result{p99_over_mean},
         '<=', 3],
        ['worker without zones, MB PSS', $result{worker_pss_mb}, '<=', 12],
        ['Redis, bytes a check-in, person known',
         $result{redis_bytes_per_checkin}, '<=', 150],
        ['Redis, bytes a check-in, person new',
         $result{redis_bytes_per_new_person}, '<=', 700],
        ['order : return 200', $m->{order_vs_return200}],
        ["time of nginx's worker, Lua : check-in",
         $m->{worker_time_lua_vs_checkin}],
    );
}

sub show {
    print "\n";

    for my $row (rows()) {
        my ($text, $value, $how, $aim) = @$row;
        my $met = !defined $how ? ''
                  : $how eq '>=' ? $value >= $aim : $value <= $aim;

        printf "  %-42s %8.*f   %s\n", $text, $value >= 100 ? 0 : 2, $value,
               !defined $how ? '' : sprintf '%s %-5s %s', $how, $aim,
                                            $met ? '' : 'not reached';
    }

    my $b = $result{core_busy};

    print "\n  share of its core that the check-in keeps busy\n";
    printf "  %-42s worker %.2f, Redis %.2f\n", $_, $b->{"${_}_worker"},
           $b->{"${_}_redis"} for sort keys %checkin;
    printf "\n  %d s; all numbers: %s\n", $result{seconds}, $file;

    return;
}


# ---- go

note('starting three Redis, two nginx and Node');
$lab = Lab->start;
check_ways();
check_pages();

note("storing $STORED check-ins");
$lab->fill($_->[0], $_->[1])
    for ['million', $STORED], ['everysec', $FEW], ['always', $FEW];
sleep 2.5;                              # the module looks once a second
$lab->keep($_) for qw(everysec always);

round($_) for 1 .. $ROUNDS;

note('bytes in Redis');
collect();
%result = %{round_off(\%result)};

Wenming::Site::write_file($file, JSON::PP->new->utf8->canonical->pretty
                                 ->encode(\%result));
show();
