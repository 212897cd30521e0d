use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Whatever people type is text: every field that takes a text is filled with
# what would be markup, a formula, a template, or turns a line round; then
# every address that answers a GET is read.  Both lists are compared with the
# tables in C, so that a new field or page has to be put in here.

use Wenming::Source;

my @hostile = (
    q{<script>alert(1)</script>"'&lt;b&gt;}, q{" onmouseover="evil(1)" x='},
    q{' onfocus='evil(1)' autofocus='}, q{</title></textarea><img src=x>},
    q{<!-- --><![CDATA[ <svg/onload=evil()>}, q{=HYPERLINK("http://e.vil")},
    q{-1+1}, q{+1+cmd|' /C calc'!A0}, q{@SUM(A1)}, q{&#60;b&#62;&amp;},
    q{{{page.base}}{{>head}}{{#x}}}, q{javascript:alert(1)}, q{%3Cb%3E%00},
    q{\\u003cscript\\u003e\\"},
    '👵🏽👩‍👩‍👧', '𠮷田𪚥', '阿依古丽·买买提', 'ئالىم قۇربان', "\x{200f}(שלום)",
    "零\x{200b}宽\x{200d}字\x{2060}", 'Zoë ñ ﷽', '长' x 50);

my $source = Wenming::Source->new;
my $gateway = Wenming::Site::free_port();
my $site = site(workers => 1, http => [
    'log_format sms "$http_x_phone $http_x_code";',
    'server {', "    listen 127.0.0.1:$gateway;",
    '    access_log {{dir}}/sms.log sms;', '    return 204;', '}' ],
    location => ['wenming_sms /sms;'], server => [
    'location = /sms {', '    internal;',
    "    proxy_pass http://127.0.0.1:$gateway/;",
    '    proxy_set_header X-Phone $wenming_sms_phone;',
    '    proxy_set_header X-Code $wenming_sms_code;', '}' ]);
my $worker = $site->worker;
my $second = $site->staff(name => 'second');
my $admin = $site->staff(role => 'administrator');
my $lead = $site->staff(role => 'lead', team => 'corps');
my $web = $site->browser;
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;
my @device;                             # one for each hostile text
my %made;                               # what => list of ids
my $began = time - 3600;                # each event a bit earlier: on top of
                                        # the lists that show only a few


sub someone {
    return (phone => $site->phone(++$people));
}


sub sent {
    my ($browser, $path, %o) = @_;

    my $r = $browser->post($path, %o);

    die "$path: $r->{status} " . Wenming::Http::encode($r->text)
        if $r->{status} !~ /^20/;

    return $r->json;
}


sub order {
    my ($text) = @_;

    return { course => 'law-01', unit => 'wenyilu', wanted => [$day],
             head_count => 9, contact_name => $text, group => $text,
             note => "$text\n$text", someone() };
}


sub wish {
    my ($text, $name) = @_;

    return { wish => substr($text, 0, 40), text => "$text\n$text",
             category => 'study', unit => 'wenyilu', who => 'new',
             name => $name, someone() };
}


sub course {
    my ($text) = @_;

    return (title => $text, provider => $text, audience => $text,
            summary => "$text\n$text", practice => 'theory',
            project => 'party', duration_min => 60);
}


my $open = $site->event(capacity => 1000);
my $later = $site->event(start => Wenming::Site::iso(time + 18000),
                         end => Wenming::Site::iso(time + 19000),
                         capacity => 1000);

# ---- markup: only what our templates have

my (%element, %attribute);

for my $file (glob("$Wenming::Site::ROOT/templates/*.html"),
              glob("$Wenming::Site::BUILD/web/parts/*"))
{
    my $text = Wenming::Site::read_file($file);

    $element{lc $1}++ while $text =~ m{<([a-zA-Z][\w-]*)}g;
    $attribute{lc $1}++ while $text =~ m{\s([a-zA-Z][\w-]*)=}g;
    $attribute{lc $1}++ while $text =~ m{[\s\}](checked|selected|required
                                 |open|hidden|disabled|multiple|autofocus
                                 |inert|novalidate|download|muted|playsinline
                                 |data-[\w-]+)\b}gx;
}

$element{bdi}++;
delete @element{qw(iframe object embed base)};
delete @attribute{grep { /^on/ } keys %attribute};

my $rtl = qr/[\p{Bidi_Class:R}\p{Bidi_Class:AL}]/;
my $control = qr/[\x{202a}-\x{202e}\x{2066}-\x{2069}]/;
my %quiet = map { ($_ => 1) } qw(bdi textarea option title);
my %void = map { ($_ => 1) } qw(meta link input img br hr path circle rect
                                line polyline polygon ellipse use);
my $public = $site->public_url;
my ($host) = $public =~ m{^(https?://[^/]+)};
my $feed = $public =~ s{^https?:}{webcal:}r . '/timetable.ics';

sub judge_html {
    my ($page) = @_;

    my (@wrong, @inside);

    while ($page =~ m{\G(?:([^<]+)|<!DOCTYPE\ html>
                       |<(/?)([a-zA-Z][\w-]*)
                        ((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(/?)>)}gcx)
    {
        my ($text, $end, $name, $rest, $closed) = ($1, $2, $3, $4, $5);

        if (defined $text) {
            next if ($inside[-1] || '') =~ /^(?:style|script)$/;
            push @wrong, "no entity: $1" if $text =~ /(&(?!#?\w+;).{0,20})/s;
            my $said = Wenming::Answer::unescape($text);
            push @wrong, "turns round: $said"
                if $said =~ $rtl && !$quiet{$inside[-1] || ''};
            push @wrong, 'a control of direction' if $said =~ $control;
            next;
        }

        next if !defined $name;
        push @wrong, "element $name" if !$element{lc $name};

        if (length $end) {
            push @wrong, "</$name> in <@{[$inside[-1] || '']}>"
                if ($inside[-1] || '') ne lc $name;
            pop @inside;
            next;
        }

        while ($rest =~ m{([\w:-]+)(?:="([^"]*)")?}g) {
            my ($key, $value) = (lc $1, Wenming::Answer::unescape($2 // ''));

            push @wrong, "attribute $key" if !$attribute{$key};
            push @wrong, "leads to $value"
                if $key =~ /^(?:href|src|action|formaction|poster)$/
                   && $value !~ m{^(?:/wenming/|/$|\Q$host\E/|\#|tel:|otpauth:
                                  |\Q$feed\E(?:\?|$)|data:(?:image/|,$))}x;
        }

        push @inside, lc $name if !$closed && !$void{lc $name};
    }

    my $at = pos $page || 0;
    push @wrong, 'no markup: ' . substr $page, $at, 60 if $at < length $page;

    return @wrong;
}


my %cell;                               # of all lists, also without the guard

sub judge_csv {
    my ($text) = @_;

    my @wrong;

    push @wrong, 'no mark' if $text !~ s/^\x{feff}//;

    while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\z)/gc) {
        my ($cell, $end) = (defined $1 ? $1 : $2, $3);
        push @wrong, "runs: $cell" if $cell =~ /^\s*[=+\-@|%＝＋－＠]
                                                |^[\t\r]/x;
        $cell =~ s/""/"/g;
        $cell{$_} = 1 for $cell, $cell =~ s/^'//r;
        last if !length $end;
    }

    push @wrong, 'no CSV' if (pos $text || 0) < length $text;

    return @wrong;
}


# RFC 5545: what a line is, how it is folded, what stands in a text

my %ics = map { ($_ => 1) } qw(BEGIN VERSION PRODID CALSCALE METHOD NAME
    X-WR-CALNAME SOURCE REFRESH-INTERVAL X-PUBLISHED-TTL UID DTSTAMP
    LAST-MODIFIED SEQUENCE STATUS DTSTART DTEND SUMMARY LOCATION DESCRIPTION
    URL END);
my %ics_text = map { ($_ => 1) } qw(NAME X-WR-CALNAME SUMMARY LOCATION
                                    DESCRIPTION);
my %planned;                            # of all calendars: name => value

sub judge_ics {
    my ($bytes) = @_;

    my (@wrong, @inside);
    my @lines = split /\r\n/, $bytes, -1;

    push @wrong, 'the last line does not end' if length pop @lines;

    for my $line (@lines) {
        push @wrong, 'a line too long' if length $line > 75;
        push @wrong, 'cut within a character'
            if !defined eval { Encode::decode('UTF-8', my $copy = $line, 1) };
    }

    my $text = Encode::decode('UTF-8', join("\r\n", @lines)
                                       =~ s/\r\n //gr);

    for my $line (split /\r\n/, $text) {
        my ($name, $value) = $line =~ /^([A-Z-]+)(?:;VALUE=[A-Z]+)?:(.*)$/s;

        push(@wrong, "no line of ours: $line"), next
            if !defined $name || !$ics{$name};
        push @wrong, 'a control character' if $value =~ /[\x00-\x1f\x7f]/;

        if ($name eq 'BEGIN') {
            push @inside, $value;
            push @wrong, "@inside"
                if "@inside" !~ /^VCALENDAR(?: VEVENT)?$/;

        } elsif ($name eq 'END') {
            push @wrong, "END of $value" if pop @inside ne $value;

        } elsif ($ics_text{$name}) {
            push @wrong, "not escaped: $value"
                if $value !~ /^(?:[^\\;,]|\\[\\;,n])*$/;
            $planned{$name}{$value =~ s{\\(.)}{$1 eq 'n' ? "\n" : $1}ger} = 1;

        } elsif ($name eq 'URL' || $name eq 'SOURCE') {
            push @wrong, "leads to $value" if $value !~ m{^\Q$host\E/[!-~]+$};
        }
    }

    push @wrong, 'no end' if @inside || @lines < 2;

    return @wrong;
}


my $all = '';

sub judge {
    my ($r, $face) = @_;

    my $type = $r->type;
    my $text = eval { Encode::decode('UTF-8', my $copy = $r->{body}, 1) };
    my @wrong;

    push @wrong, "status $r->{status}" if $r->{status} >= 500;
    push @wrong, 'may be guessed'
        if ($r->header('x-content-type-options') || '') ne 'nosniff';
    return (@wrong, 'not UTF-8') if !defined $text && $type !~ m{^image/};

    if ($type =~ m{^text/html}) {
        push @wrong, judge_html($text);
        push @wrong, 'not ASCII' if $face eq 'WM_FRAGMENT'
                                    && $r->{body} =~ /[^\x00-\x7f]/;
        $all .= Wenming::Answer::unescape($text);

    } elsif ($type =~ /json/) {
        push @wrong, 'no JSON' if !eval {
            JSON::PP->new->utf8->decode($r->{body}) };

    } elsif ($type =~ m{^text/csv}) {
        push @wrong, judge_csv($text);

    } elsif ($type =~ m{^text/calendar}) {
        push @wrong, judge_ics($r->{body});

    } elsif ($type !~ m{^(?:image/|text/plain)} && length $r->{body}) {
        push @wrong, "nobody looks at $type";
    }

    return @wrong;
}


# What a worker or a resident reads right after something was typed.

sub looked_at {
    my ($r, $path, $text) = @_;

    my @wrong = map { "$path: $_" } judge($r, 'WM_PAGE');

    push @wrong, "$path: status $r->{status}" if $r->{status} != 200;
    push @wrong, "$path: it is not there"
        if defined $text && $r->type =~ m{^text/html} && index(
            Wenming::Answer::unescape($r->text), substr $text, 0, 40) < 0;

    return @wrong;
}


# ---- a way to fill the fields of each address that takes texts

my %fill = (
    '/api/c' => sub {
        my ($text, $device) = @_;
        sent($device, 'api/c', json => {
            ticket => $site->ticket($device, $open), name => $text,
            who => 'new', someone() });
        sent($device, 'api/c', json => {
            ticket => $site->ticket($device, $open, 'screen-out') });
    },
    '/api/events/{id}/ratings' => sub {
        my ($text, $device) = @_;
        sent($device, "api/events/$open/ratings", json => {
            score => 4, text => "$text\n$text" });
    },
    '/api/events/{id}/enrol' => sub {
        my ($text, $device) = @_;
        sent($device, "api/events/$later/enrol", json => {
            name => $text, who => 'family', someone() });
    },
    '/api/orders' => sub {
        my ($text, $device) = @_;
        push @{$made{order}}, sent($device, 'api/orders',
                                   json => order($text))->{id};
    },
    '/api/wishes' => sub {
        my ($text, $device) = @_;
        push @{$made{wish}}, sent($device, 'api/wishes',
                                  json => wish($text, $text))->{id};
    },
    '/api/staff/wishes' => sub {
        my ($text) = @_;
        my %wish = %{wish($text, $text)};
        delete @wish{qw(who phone)};
        push @{$made{wish}}, sent($worker, 'api/staff/wishes',
                                  json => \%wish)->{id};
    },
    '/api/me/code' => sub {
        my ($text, $device) = @_;
        my %who = (name => $text, someone());
        my $code;
        sent($device, 'api/me/code', json => \%who);
        $site->until(5, sub {
            ($code) = Wenming::Site::read_file("$site->{dir}/sms.log")
                      =~ /^$who{phone} (\d{6})$/m }) or die 'no code came';
        sent($device, 'api/me/verify', json => { %who, code => $code });
    },
    '/api/me/verify' => sub { },        # with the code
    '/api/staff/units/{id}' => sub {
        my ($text) = @_;
        my $r = $admin->patch('api/staff/units/wenyilu-1', json => {
            head => substr($text, 0, 40), contact => $text,
            address => $text });
        die "$r->{status} $r->{body}" if $r->{status} != 200;
        my @wrong = map { looked_at($admin->get($_), $_, $text) }
                    qw(staff/units staff/units/wenyilu-1);
        die "@wrong" if @wrong;
    },
    '/api/staff/courses' => sub {
        my ($text) = @_;
        push @{$made{course}}, sent($worker, 'api/staff/courses', json => {
            course($text), submit => 1 })->{id};
        sent($second, "api/staff/courses/$made{course}[-1]/publish");
    },
    '/api/staff/courses/{id}' => sub {
        my ($text) = @_;
        my $r = $worker->patch("api/staff/courses/$made{course}[-1]",
                               json => { course("$text,") });
        die "$r->{status} $r->{body}" if $r->{status} != 200;
    },
    (map { my $step = $_; ("/api/staff/courses/{id}/$step" => sub {
        my ($text) = @_;
        my $id = sent($worker, 'api/staff/courses', json => {
            course($text), submit => 1 })->{id};
        push @{$made{course}}, $id;
        sent($second, "api/staff/courses/$id/publish")
            if $step eq 'withdraw';
        sent($second, "api/staff/courses/$id/$step", json => {
            reason => "$text\n$text" });
    }) } qw(return withdraw)),
    '/api/staff/orders' => sub {
        my ($text) = @_;
        push @{$made{order}}, sent($worker, 'api/staff/orders',
                                   json => order($text))->{id};
    },
    '/api/staff/orders/{id}/dispatch' => sub {
        my ($text, $device) = @_;
        my $id = sent($device, 'api/orders', json => order($text))->{id};
        push @{$made{order}}, $id;
        sent($worker, "api/staff/orders/$id/dispatch", json => {
            team => 'corps', note => "$text\n$text" });
    },
    (map { my $step = $_; ("/api/staff/orders/{id}/$step" => sub {
        my ($text, $device) = @_;
        my $id = sent($device, 'api/orders', json => order($text))->{id};
        push @{$made{order}}, $id;
        sent($worker, "api/staff/orders/$id/dispatch", json => {
            team => 'corps', note => $text }) if $step !~ /reject|escalate/;
        sent($worker, "api/staff/orders/$id/$step", json => {
            $step =~ /decline|reject/ ? (reason => "$text\n$text") : (),
            $step =~ /reassign/ ? (team => 'lecturers') : () });
    }) } qw(accept decline reassign reject escalate)),
    '/api/staff/orders/{id}/complete' => sub { },   # says no text
    '/api/staff/orders/{id}/expire' => sub { },
    '/api/staff/events' => sub {
        my ($text) = @_;
        my $id = sent($worker, 'api/staff/events', json => {
            title => $text, place => $text, audience => $text,
            content => "$text\n$text", course => 'law-01',
            unit => 'wenyilu-1', start => Wenming::Site::iso($began -= 60),
            end => Wenming::Site::iso(time + 7200) })->{id};
        push @{$made{event}}, $id;
    },
    '/api/staff/events/{id}/publish' => sub {
        my ($text) = @_;
        sent($worker, "api/staff/events/$made{event}[-1]/publish",
             json => { place => $text });
    },
    '/api/staff/events/{id}' => sub {
        my ($text) = @_;
        my $r = $worker->patch("api/staff/events/$made{event}[-1]",
                               json => { audience => $text });
        die "$r->{status} $r->{body}" if $r->{status} != 200;
    },
    '/api/staff/events/{id}/attendance' => sub {
        my ($text) = @_;
        my $at = "staff/events/$open";
        my $person = sent($worker, "api/$at/attendance", json => {
            name => $text, someone() })->{person};
        sent($worker, "api/$at/attendance/out", json => {
            person => $person });
        push @{$made{paper}}, "$at/paper?person=$person";
    },
    '/api/staff/events/{id}/card' => sub {
        my ($text, $device) = @_;
        my $at = "staff/events/$made{event}[-1]";
        my $card = $device->get('api/me/card')->json->{code};
        my $form = $worker->get("$at/scan");
        my $r = $worker->post("api/$at/card", json => { card => $text });
        die "$r->{status} $r->{body}" if $r->{status} != 403;
        my $refused = $site->send_form($worker, $form, { card => $text },
                                       qr{/card$});
        die "the form: $refused->{status}" if $refused->{status} != 403;
        sent($worker, "api/$at/card", json => { card => $card });
        my @wrong = ((map { "refused: $_" } judge($refused, 'WM_PAGE')),
                     looked_at($site->send_form($worker, $form, {
                         card => $card }, qr{/card$}), "$at/card", $text));
        die "@wrong" if @wrong;
    },
    '/api/staff/events/{id}/corrections' => sub {
        my ($text) = @_;
        my $at = "staff/events/$made{event}[-1]";
        my $person = sent($worker, "api/$at/attendance", json => {
            name => $text, someone() })->{person};
        sent($worker, "api/$at/corrections", json => {
            person => $person, what => 'remove',
            reason => "$text\n$text" });
        push @{$made{paper}}, "$at/paper?person=$person";
        $made{asked} = ["$at/corrections/drop", $person];
    },
    '/api/staff/events/{id}/enrolments' => sub {
        my ($text) = @_;
        sent($worker, "api/staff/events/$later/enrolments", json => {
            name => $text, someone() });
    },
    '/api/staff/wishes/{id}/publish' => sub {
        my ($text, $device) = @_;
        my $id = sent($device, 'api/wishes', json =>
                      wish($text, "某人甲$people"))->{id};
        sent($worker, "api/staff/wishes/$id/publish", json => {
            wish => substr($text, 0, 40), text => "$text\n$text" });
        push @{$made{wish}}, $id;
    },
    '/api/staff/wishes/{id}/answer' => sub {
        my ($text) = @_;
        sent($worker, "api/staff/wishes/$made{wish}[-1]/answer",
             json => { answer => "$text\n$text" });
    },
    '/api/staff/wishes/{id}/refuse' => sub {
        my ($text, $device) = @_;
        push @{$made{wish}}, sent($device, 'api/wishes',
            json => wish($text, "某人乙$people"))->{id};
        sent($worker, "api/staff/wishes/$made{wish}[-1]/refuse",
             json => { reason => "$text\n$text" });
    },
    '/api/staff/wishes/{id}/release' => sub {
        my ($text, $device) = @_;
        my $id = sent($device, 'api/wishes', json =>
                      wish($text, "某人丙$people"))->{id};
        push @{$made{wish}}, $id;
        sent($worker, "api/staff/wishes/$id/publish", json => {
            wish => substr($text, 0, 40) });
        sent($lead, "api/staff/wishes/$id/claim");
        sent($lead, "api/staff/wishes/$id/release", json => {
            reason => "$text\n$text" });
    },
);

# takes a text that is shown to nobody, or none of the fields of its family

my %unshown = map { ($_ => 1) } qw(
    /api/staff/session /api/staff/security /api/staff/wishes/{id}/claim
    /api/staff/wishes/{id}/fulfil /api/staff/wishes/{id}/order
    /api/staff/people/disable /api/staff/people/enable
    /api/staff/people/sign-out
    /api/staff/courses/{id}/submit /api/staff/courses/{id}/recall
    /api/staff/courses/{id}/publish /api/staff/courses/{id}/drop);

my @takes = map { $_->{path} } grep {
    $_->{method} =~ /POST|PATCH/
    && grep { $_->{type} =~ /^(?:TEXT|LINES)$/ } @{$_->{fields}}
} $source->routes;
my %takes = map { ($_ => 1) } @takes;

is join(' ', sort grep { !$fill{$_} && !$unshown{$_} } keys %takes), '',
   'each address that takes a text is filled here';
is join(' ', sort grep { !$takes{$_} } keys %fill, keys %unshown), '',
   'and no other';

my @first = qw(/api/staff/events /api/staff/events/{id}/publish /api/c /api/events/{id}/ratings);
my %before = map { ($_ => 1) } @first;

for my $i (0 .. $#hostile) {
    my $text = $hostile[$i];
    my $device = $device[$i] = $site->browser;
    my @wrong;

    for my $path (@first, '/api/staff/wishes/{id}/publish',
                  '/api/staff/wishes/{id}/answer',
                  grep({ !$before{$_} && !m{wishes/\{id\}/(?:publish|answer)$
                                           |/me/code$}x } sort keys %fill),
                  '/api/me/code')
    {
        eval { $fill{$path}->($text, $device); 1 }
            or push @wrong, "$path: $@";
    }

    for my $path ('', 'staff/', "staff/events/$made{event}[-1]/roster",
                  'api/home', 'api/staff/today')
    {
        my $reader = $path =~ m{staff/} ? $worker : $device;

        push @wrong, looked_at($reader->get($path), $path, $text);
    }

    # the first page has few: what is asked next is to be among them

    sent($worker, "api/$made{asked}[0]", json => {
        person => $made{asked}[1] }) if $made{asked} && $i > 1;

    ok !@wrong, "typed everywhere: $text" or diag(@wrong);
}

# some of what was rated is shown, so that it can be seen

for my $rating (@{$worker->get('api/staff/ratings')->json->{items}}) {
    sent($worker, "api/staff/ratings/$rating->{id}/show");
}


sent($worker, "api/staff/events/$_/poster", json => {})
    for @{$made{event}}, $open;


# ---- a way to each page

my %of = (order => $made{order}, wish => $made{wish},
          course => $made{course}, event => [
    @{$made{event}}, $open, $later ]);
my $seal = $site->seal;

sub each_of {
    my ($kind, $browser, $path) = @_;

    return map { [$browser, $path =~ s/\{id\}/$_/r] } @{$of{$kind}};
}


sub devices {
    my ($path) = @_;

    return map { [$_, $path] } @device;
}


my $escape = \&Wenming::Http::escape;
my %read = (
    (map { my $path = $_; ($path => [[$web, $path]]) } '',
     qw(api/c api/health api/metrics api/units api/timetable timetable
        fragment/menu fragment/timetable fragment/wishes api/wishes wishes
        api/home privacy missing c look wechat wechat/back staff/login)),
    (map { my $path = $_; ($path => [[$web, $path], [$web,
           "$path?unit=wenyilu-1"]]) } qw(timetable.ics timetable/print)),
    tv => [[$web, 'tv'], map { [$web, 'tv?code=' . $escape->($_)] }
           (map { $_->{code} } @{$worker->get(
               "api/staff/events/$open/screens")->json->{items}}),
           map { substr $_, 0, 24 } @hostile],
    (map { my $path = $_; ($path => [map { [$web, "$path?q=" . $escape->($_)
        . '&practice=' . $escape->($_)] } @hostile]) } qw(api/menu menu)),
    (map { my $path = $_; ($path => [[$worker, $path], [$worker,
           "$path?limit=50"]]) }
     qw(staff/demand api/staff/demand staff/events/new staff/events
        api/staff/events staff/orders api/staff/orders staff/orders/new
        staff/ratings api/staff/ratings staff/security api/staff/security
        api/staff/teams staff/wishes api/staff/wishes
        api/staff/events.csv api/staff/orders.csv)),
    (map { ($_ => [[$worker, $_]]) } qw(staff/ api/staff/today)),
    'staff/orders/board' => [map { [$worker, "staff/orders/board$_"] } '',
                             '?status=dispatched', '?none=1'],
    'api/staff/board' => [map { [$worker, "api/staff/board$_"] } '',
                          '?status=dispatched'],
    (map { my $path = $_; ($path => [map { [$worker, "$path?by=$_"] }
                                     qw(unit course month)]) }
     qw(staff/figures staff/figures.csv api/staff/figures
        api/staff/figures.csv)),
    (map { ($_ => [devices($_)]) }
     qw(me api/me me/data api/me/data me/forget my/wishes api/me/wishes
        orders api/me/orders enrolments api/me/enrolments verify
        my/card api/me/card my/record api/me/record wishes/new)),
    (map { ($_ => [each_of(event => $web, $_)]) }
     qw(event/{id} event/{id}.ics fragment/event/{id} api/events/{id}
        api/events/{id}/ratings)),
    'rate/{id}' => [map { [$_, "rate/$open"] } @device],
    'enrol/{id}' => [map { [$_, "enrol/$later"] } @device],
    (map { ($_ => [each_of(event => $worker, $_)]) }
     qw(api/staff/events/{id} staff/events/{id}
        api/staff/events/{id}/code api/staff/events/{id}/qr.svg
        api/staff/events/{id}/qr.png api/staff/events/{id}/roster
        api/staff/events/{id}/roster.csv api/staff/events/{id}/enrolments
        api/staff/events/{id}/enrolments.csv staff/events/{id}/roster
        api/staff/events/{id}/presence staff/events/{id}/enrolments
        api/staff/events/{id}/screens staff/events/{id}/screens)),
    (map { ($_ => [each_of(event => $worker, $_),
                   each_of(event => $worker, "$_?kind=poster-out")]) }
     qw(api/staff/events/{id}/poster staff/events/{id}/poster)),
    'staff/events/{id}/scan' => [map { each_of(event => $worker,
        "staff/events/{id}/scan$_") } '', '?out=1'],
    'staff/events/{id}/paper' => [map { [$worker, $_] } @{$made{paper}}],
    (map { ($_ => [each_of(order => $worker, $_)]) }
     qw(api/staff/orders/{id} staff/orders/{id})),
    (map { my $path = $_; ($path => [[$worker, $path], map { [$worker,
        "$path?q=" . $escape->($_)] } @hostile]) }
     qw(staff/courses api/staff/courses)),
    (map { my $path = $_; ($path => [map { [$_, $path] } $admin, $worker]) }
     qw(staff/units api/staff/units staff/people api/staff/people)),
    (map { my $path = $_; ($path => [map { [$_, $path =~ s/\{id\}/wenyilu-1/r]
        } $admin, $worker]) } qw(staff/units/{id} api/staff/units/{id})),
    (map { ($_ => [[$worker, $_]]) } qw(staff/courses/new staff/wishes/new)),
    (map { ($_ => [each_of(course => $worker, $_)]) }
     qw(api/staff/courses/{id} staff/courses/{id})),
    (map { ($_ => [each_of(wish => $worker, $_)]) }
     qw(api/staff/wishes/{id} staff/wishes/{id})),
    (map { ($_ => [each_of(wish => $web, $_)]) }
     qw(api/wishes/{id} wish/{id})),
    (map { my $path = $_; ($path => [[$web, $path =~ s/\{id\}/law-01/r]]) }
     qw(api/courses/{id} course/{id})),
    (map { my $path = $_; ($path => [map { my $d = $_; map { [$d, $path
        =~ s/\{id\}/$seal->token(event => $_)/er] } $made{event}[0], $open }
        @device]) } qw(api/c/{id} c/{id})),
    (map { my $path = $_; ($path => [map { [$web, ($path =~ s/\{id\}/$_/r)
        . '?pass=' . $seal->pass(event => $_)] } @{$of{event}}]) }
     qw(screen/{id} api/screen/{id} api/screen/{id}/now screen/{id}/qr.svg
        screen/{id}/qr.png)),
);

my %route = map { ($_->[1] => $_) } grep { $_->[0] eq 'WM_GET' }
            map { @{$_->{rows}} } $source->tables(qr/wm_\w+_routes/);

is join(' ', sort grep { !$read{$_} } keys %route), '',
   'each page and document is read here';
is join(' ', sort grep { !$route{$_} } keys %read), '', 'and no other';


# ---- reading

# a page that leads away, or is not there without its own configuration

my %never = map { ($_ => 1) } qw(look missing wechat wechat/back);

for my $path (sort keys %read) {
    my @asked = @{$read{$path}};
    my (@wrong, %status);

    while (my @some = splice @asked, 0, 20) {
        my @answers = at_once(map { [$_->[0], 'GET', $_->[1]] } @some);

        for my $i (0 .. $#answers) {
            $status{$answers[$i]{status}}++;
            push @wrong, map { "$some[$i][1]: $_" }
                         judge($answers[$i], $route{$path}[2]);
        }
    }

    push @wrong, "$path: nobody got it" if !$status{200} && !$never{$path};
    splice @wrong, 8 if @wrong > 8;
    ok !@wrong, "GET $path: " . join ' ', map { "$status{$_} x $_" }
                                          sort keys %status
        or diag(map { "$_\n" } @wrong);
}

ok index($all, $_) >= 0, "is to be read somewhere, as it was typed: $_"
    for map { substr $_, 0, 40 } @hostile;


is join("\n", grep { !$planned{SUMMARY}{$_} } @hostile), '',
   'a calendar has each, as it was typed, for a title';
is join("\n", grep { my $t = $_; !grep { index($_, "$t\n$t") >= 0 }
                     keys %{$planned{DESCRIPTION}} } @hostile), '',
   'and in lines';
is join("\n", grep { !$cell{$_} } @hostile), '', 'so has a list, in a cell';


# ---- a form that comes back has what was typed, and is no other form

for my $text (@hostile) {
    my $page = $web->get('course/law-01');
    my $r = $site->send_form($web, $page, {
        unit => '', contact_name => $text, phone => '1', note => "$text\n$text",
        wanted => $text, head_count => $text, group => $text });

    is $r->{status}, 422, "a form with $text";
    my @wrong = judge_html($r->text);
    ok !@wrong, 'comes back as a page of ours' or diag(map { "$_\n" } @wrong);
}


# ---- what turns a line round on purpose is not taken at all

for my $code (0x202a .. 0x202e, 0x2066 .. 0x2069, 0x2028, 0x2029, 0xfeff) {
    my $r = $web->post('api/orders', json => order(
        sprintf 'a%sb', chr $code));
    is join(' ', map { "$_->{field} $_->{code}" }
                 @{$r->json->{errors} || []}),
       'contact_name control group control note control',
       sprintf 'U+%04X is refused', $code;
}

end();
