use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The roster as a spreadsheet reads it.

my $site = site();
my $event = $site->event(title => '签到"名单", 测试');
my $path = "api/staff/events/$event/attendance";

my @names = ('王普通', '=1+2', '+2', '-3', '@SUM(A1)', 'a,b', 'say "yes"',
             "O'Brien", '=HYPERLINK("http://x.example","点我")');

for my $i (0 .. $#names) {
    is $site->worker->post($path, json => {
           name => $names[$i], phone => $site->phone($i) })->{status}, 201,
       "written down: $names[$i]";
}

is $site->worker->post($path, json => { name => "\t=4", phone => '' })
       ->{status}, 201, 'with a tab before, which is trimmed';

# two of the same name, without a phone

{
    my $party = $site->event;
    my $page = $site->worker->get("staff/events/$party/roster");

    like $page->text, qr/<input id="name"[^>]* autofocus>/,
         'one can type at once';

    for my $texts (['已登记：', '张奶奶'], ['无需重复', '同名的另一位？']) {
        my $r = $site->send_form($site->worker, $page, { name => '张奶奶' },
                                 qr/attendance$/);

        page($r, $r->{status}, $texts, "said: $texts->[1]");
        unlike $r->text, qr/同名/, 'with no hint' if $texts->[1] eq '张奶奶';
        $page = $r;
    }

    my $r = $site->send_form($site->worker, $page,
                             { name => '张奶奶（3 栋）' }, qr/attendance$/);

    page($r, 201, ['已登记：', '张奶奶（3 栋）'], 'another one');
}

my $r = $site->worker->get("api/staff/events/$event/roster.csv");

is $r->{status}, 200, 'there it is';
like $r->type, qr{^text/csv; ?charset=utf-8}i, 'as CSV';
like $r->header('content-disposition'), qr/^attachment; ?filename/,
     'to be saved';
like $r->header('cache-control'), qr/no-store/, 'which no cache keeps';

my $body = $r->{body};

is substr($body, 0, 3), "\xef\xbb\xbf", 'with the mark that Excel needs';
unlike $body, qr/(?<!\r)\n/, 'lines end in CR LF';
like $body, qr/\r\n\z/, 'the last one too';


# RFC 4180

sub cells {
    my ($text) = @_;

    my (@rows, @row);

    utf8::decode($text);

    while (length $text) {
        if ($text =~ s/\A"((?:[^"]|"")*)"(,|\r\n)//
            || $text =~ s/\A([^",\r\n]*)(,|\r\n)//)
        {
            my ($cell, $end) = ($1, $2);
            $cell =~ s/""/"/g;
            push @row, $cell;
            next if $end eq ',';
            push @rows, [@row];
            @row = ();
            next;
        }

        push @rows, ['not CSV: ' . substr $text, 0, 40];
        last;
    }

    return @rows;
}


my ($head, @rows) = cells(substr $body, 3);

is scalar(@rows), 10, 'ten rows below the head';
ok !(grep { @$_ != @$head } @rows), 'all as wide as the head';

my ($column) = grep { $head->[$_] eq '姓名' } 0 .. $#$head;

ok defined $column, 'which names its columns: ' . join ' ', @$head;

my %seen = map { $_->[$column || 0] => $_ } @rows;

is scalar(grep { grep { /^[=+\-@\t\r]/ } @$_ } @rows), 0,
   'no cell begins as a formula does';

for my $name (@names) {
    my ($found) = grep { /^'?\Q$name\E$/ || /^\t?\Q$name\E$/ } keys %seen;
    ok defined $found, "$name is there to be read";
}

ok $body !~ /139\d{8}/, 'phones are masked';

# another one sorts in by time

my $json = $site->roster($event)->{items};

is_deeply [map { $_->{name} } @$json[0 .. 2]], [@names[0 .. 2]],
          'in the order they came';
is $site->roster($event)->{present}, 10, 'ten are there';
page($site->worker->get("staff/events/$event/roster"), 200,
     ['签到名单', '王普通', '工作人员登记', 'say "yes"'],
     'the page of the roster');

my $page = $site->worker->get("staff/events/$event/roster");

unlike $page->{body}, qr/<[^>]*say "yes"/, 'names are escaped';
$r = $site->send_form($site->worker, $page,
                      { name => '手工', phone => '' }, qr/attendance$/);
page($r, $r->{status} == 200 ? 200 : 201, ['已登记', '手工'],
     'the form on it writes down another');
$r = $site->send_form($site->worker, $r, { name => '手工', phone => '' },
                      qr/attendance$/);
page($r, 200, ['无需重复'], 'once');

# ---- page by page, in the order of arrival

{
    my $crowd = $site->event;
    my $worker = $site->worker;
    my @told;

    for my $n (1 .. 5) {
        $worker->post("api/staff/events/$crowd/attendance",
                      json => { name => "来宾$n" });
        sleep 0.002;                    # each in a millisecond of its own
    }

    my $all = $worker->get("api/staff/events/$crowd/roster")->json;
    my $cursor;

    is_deeply [map { $_->{name} } @{$all->{items}}],
              [map { "来宾$_" } 1 .. 5], 'in the order of arrival';
    ok !exists $all->{next}, 'programs get all of it';

    for (1 .. 5) {
        my $doc = $worker->get("api/staff/events/$crowd/roster", query => {
            limit => 2, defined $cursor ? (cursor => $cursor) : () })->json;

        is $doc->{present}, 5, 'a page knows how many there are';
        push @told, map { $_->{name} } @{$doc->{items}};
        $cursor = $doc->{next};
        last if !defined $cursor;
    }

    is "@told", "@{[map { qq(来宾$_) } 1 .. 5]}", 'pages are the whole';

    my $page = $worker->get("staff/events/$crowd/roster?limit=2");
    my ($next) = Wenming::Answer::unescape($page->text)
                 =~ m{href="/wenming/(staff/events/$crowd/roster\?[^"]+)"};

    page($worker->get($next), 200, ['来宾3', '来宾4'],
         'the page leads to the next');
    is(() = $worker->get("api/staff/events/$crowd/roster.csv")->text
            =~ /来宾/g, 5, 'the CSV has everybody');
}

end();
