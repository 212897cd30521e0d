use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The timetable as a phone's calendar subscribes to it, read by a parser that
# is not ours; and a week of it on paper.

use Encode qw(decode_utf8 encode_utf8);
use JSON::PP ();

my $site = site();
my $web = $site->browser;
my $worker = $site->worker;
my $host = ($site->public_url =~ m{^https?://([^/]+)})[0];

my $long = '反诈、反赌；“防骗”课堂' x 5;
my $one = $site->event(title => $long, place => '一楼,活动室;东', audience => '居民',
                       content => "第一行\n第二行 \\ 反斜杠",
                       start => '2026-12-24T19:00:00+08:00',
                       end => '2026-12-24T20:30:00+08:00');
my $off = $site->event(title => '会取消的', unit => 'wenyilu-2',
                       start => '2026-12-25T09:00:00+08:00',
                       end => '2026-12-25T10:00:00+08:00');
my $draft = $site->event(title => '草稿场', draft => 1,
                         start => '2026-12-25T09:00:00+08:00',
                         end => '2026-12-25T10:00:00+08:00');

$worker->post("api/staff/events/$off/cancel");


# What Debian's python3-icalendar makes of it.

sub parsed {
    my ($body) = @_;

    my $file = "$site->{dir}/calendar.ics";

    open my $out, '>:raw', $file or die "$file: $!";
    print {$out} $body;
    close $out or die "$file: $!";

    my $json = qx{/usr/bin/python3 -c '
import icalendar, json, sys
c = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
def when(v): return v.dt.strftime("%Y-%m-%dT%H:%M:%S%z")
print(json.dumps({"name": str(c["X-WR-CALNAME"]), "version": c["VERSION"],
    "events": [{"uid": str(e["UID"]), "summary": str(e["SUMMARY"]),
    "place": str(e["LOCATION"]), "text": str(e["DESCRIPTION"]),
    "status": str(e["STATUS"]), "url": str(e["URL"]),
    "sequence": int(e["SEQUENCE"]), "start": when(e["DTSTART"]),
    "end": when(e["DTEND"]), "stamp": when(e["DTSTAMP"]),
    "changed": when(e["LAST-MODIFIED"])} for e in c.walk("VEVENT")]}))
' '$file'};

    return JSON::PP->new->utf8->decode($json);
}


sub feed {
    my (%query) = @_;

    return $web->get('timetable.ics', query => \%query);
}


my $r = feed();
my $feed = parsed($r->{body});
my %event = map { $_->{uid} => $_ } @{$feed->{events}};
my $e = $event{"event-$one.furong\@$host"};

is $r->{status}, 200, 'there is a feed';
is $r->header('content-type'), 'text/calendar; charset=utf-8',
   'of the type that calendars know';
is $feed->{name}, '新时代文明实践中心 课程表', 'with a name';
is $feed->{version}, '2.0', 'and a version';

ok $e, 'an event has an id of its own' or diag join "\n", sort keys %event;
is $e->{summary}, $long, 'a long title comes through whole';
is $e->{place}, '一楼,活动室;东', 'and commas and semicolons';
is $e->{text}, "对象：居民\n主办单位：文艺路街道示例社区一新时代文明实践站\n"
               . "第一行\n第二行 \\ 反斜杠", 'and lines and backslashes';
is $e->{start}, '2026-12-24T11:00:00+0000', 'it begins when it begins';
is $e->{end}, '2026-12-24T12:30:00+0000', 'and ends when it ends';
is $e->{url}, $site->public_url . "/event/$one", 'and leads to its page';
is $e->{status}, 'CONFIRMED', 'it is held';
is $event{"event-$off.furong\@$host"}{status}, 'CANCELLED',
   'what was called off is there, and said so';
like $event{"event-$off.furong\@$host"}{text}, qr/^这场活动已取消/,
     'also in words';
ok !exists $event{"event-$draft.furong\@$host"}, 'a draft is not';


# ---- as bytes

my @lines = split /\r\n/, $r->{body}, -1;

is pop @lines, '', 'the last line ends too';
is_deeply [grep { /[\r\n]/ } @lines], [], 'all end in CR LF';
is_deeply [grep { length > 75 } @lines], [], 'none is longer than 75 octets';
is_deeply [grep { !defined eval { decode_utf8(my $x = $_, 1) } } @lines], [],
          'and none is cut within a character';


# ---- a change is seen as one

$worker->patch("api/staff/events/$one", json => { place => '二楼' });

my $again = parsed(feed()->{body});
my ($moved) = grep { $_->{uid} eq $e->{uid} } @{$again->{events}};

ok $moved->{sequence} > $e->{sequence}, 'a change counts up';
ok $moved->{changed} ge $e->{changed}, 'and says when it was';
is $moved->{place}, '二楼', 'and has the new place';
is $moved->{uid}, $e->{uid}, 'under the old id';


# ---- a unit, an event

my $part = parsed(feed(unit => 'wenyilu-2')->{body});

is $part->{name}, '文艺路街道示例社区二新时代文明实践站 课程表',
   'a unit has a feed of its own';
ok !(grep { $_->{uid} eq $e->{uid} } @{$part->{events}}),
   'without what others do';
ok +(grep { $_->{summary} eq '会取消的' } @{$part->{events}}),
   'and with what it does';
is feed(unit => 'nowhere')->{status}, 404, 'an unknown unit has none';
is feed(unit => '../x')->{status}, 422, 'nor has what is no id';

my $single = $web->get("event/$one.ics");
is $single->header('content-type'), 'text/calendar; charset=utf-8',
   'an event has a file of its own';
is_deeply parsed($single->{body})->{events}, [$moved], 'that says the same';
is $web->get("event/$draft.ics")->{status}, 404, 'a draft has none';
is $web->get('event/999999.ics')->{status}, 404, 'nor has what is not there';
is $web->get('event/.ics')->{status}, 404, 'nor has nothing';
is $web->get("event/$one")->{status}, 200, 'and the page is where it was';


# ---- shared by everyone

my $etag = $r->header('etag');

ok $etag, 'it has an ETag';
$etag = feed()->header('etag');
is $web->get('timetable.ics', headers => { 'If-None-Match' => $etag })
       ->{status}, 304, 'which brings 304';
ok !defined $r->cookie, 'and no cookie';
is $r->header('cache-control'), 'no-cache', 'caches ask again';

my $head = $web->request('HEAD', 'timetable.ics');

is $head->{status}, 200, 'HEAD is there';
is $head->{body}, '', 'without a body';


# ---- the page that offers it

my $page = $web->get('timetable?unit=wenyilu-2');

page($page, 200, ['订阅到日历', '打印一周课程表'], 'the timetable offers both');
like $page->{body}, qr{href="webcal://\Q$host\E/wenming/timetable\.ics\?unit=wenyilu-2"},
     'as a calendar opens it';
like $page->{body}, qr{href="/wenming/timetable/print\?unit=wenyilu-2"},
     'and of the same unit';
page($web->get("event/$one"), 200, ['加到手机日历'], 'so does an event');


# ---- paper

my $sheet = $web->get('timetable/print?unit=wenyilu&from=2026-12-23');

page($sheet, 200, ['文艺路街道新时代文明实践所课程表', '2026年12月21日（周一）',
                   '2026年12月27日（周日）', '周四', '12月24日', '19:00–20:30',
                   '二楼', '会取消的', '已取消', '打印日期：'],
     'a week of a unit for the wall, whichever of its days was asked for');

my ($picture) = $sheet->text =~ m{src="data:image/svg\+xml,([^"]+)"};

SKIP: {
    my ($rc) = Wenming::Site::run('sh', '-c',
                                  'command -v rsvg-convert && command -v zbarimg');

    skip 'no rsvg-convert or zbarimg', 1 if $rc;
    $picture =~ s/%(..)/chr hex $1/ge;
    Wenming::Site::write_file("$site->{dir}/sheet.svg", $picture);
    Wenming::Site::run('rsvg-convert', '-w', 600, '-o',
                       "$site->{dir}/sheet.png", "$site->{dir}/sheet.svg");

    my (undef, $read) = Wenming::Site::run('zbarimg', '-q', '--raw',
                                           '--nodbus',
                                           "$site->{dir}/sheet.png");

    is $read =~ s/\s+\z//r, $site->public_url . '/timetable?unit=wenyilu',
       'with a code that leads to what holds now';
}

unlike $sheet->{body}, qr/<script|style="/, 'without script';
is $web->get('timetable/print?unit=nowhere')->{status}, 404,
   'an unknown unit has no sheet';
is $web->get('timetable/print?from=2026-02-30')->{status}, 422,
   'nor has a day that is none';
page($web->get('timetable/print?paper=a3'), 200, ['一周课程表'],
     'and it is there on large paper');

end();
