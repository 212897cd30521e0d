use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The menu, units, timetable and a course, for programs and for people.

my $site = site();
my $web = $site->browser;
my $r = $web->get('api/menu');
my $menu = $r->json;
my @items = @{$menu->{items} || []};

is $r->{status}, 200, 'the menu is there';
like $r->type, qr{^application/json}, 'as JSON';
ok @items >= 50, 'with the courses of the demo: ' . @items;

is_deeply [sort keys %{$items[0]}],
          [sort qw(id title practice practice_title project project_title
                   provider summary duration_min audience orders opens_at
                   ratings average)],
          'a course has the fields that docs/api.md names';

is scalar(@{$menu->{practices}}), 5, 'five practices to filter by';
is scalar(@{$menu->{projects}}), 12, 'twelve projects to filter by';
is_deeply [sort keys %{$menu->{practices}[0]}], [qw(chosen id title)],
          'with id, title, chosen';

my ($first) = grep { $_->{id} eq 'party-01' } @items;

is $first->{title}, '党员教育', 'Chinese comes through';
is $first->{practice_title}, '理论宣讲实践', 'with the practice by name';
is $first->{duration_min}, 90, 'a number is a number';


# ---- filters

for my $filter ([practice => 'theory'], [project => 'party'],
                [provider => '区委组织部'])
{
    my ($name, $value) = @$filter;
    my $some = $web->get('api/menu', query => { $name => $value })->json;
    my @want = map { $_->{id} } grep { $_->{$name} eq $value } @items;

    is_deeply [map { $_->{id} } @{$some->{items}}], \@want,
              "filter by $name";
}

my $chosen = $web->get('api/menu', query => { practice => 'culture' })->json;

is_deeply [map { $_->{id} } grep { $_->{chosen} } @{$chosen->{practices}}],
          ['culture'], 'the filter in force is marked';

my @found = @{$web->get('api/menu', query => { q => '党课' })->json->{items}};

ok @found >= 1 && @found < @items, 'words are looked for';
ok !(grep { "$_->{title}$_->{summary}" !~ /党课/ } @found),
   'and what is found has them';
is_deeply $web->get('api/menu', query => { q => '没有这门课' })->json->{items},
          [], 'nothing found is an empty list';
is_deeply $web->get('api/menu', query => { practice => 'nothing' })
              ->json->{items}, [], 'an unknown practice too';

is $web->get('menu?from=singlemessage&isappinstalled=0')->{status}, 200,
   'what WeChat adds to an address does no harm';

$r = $web->get('api/menu', query => { q => "\x{7}" });
problem($r, 422, 'invalid', ['q'], 'a control character is refused');

is $web->get('api/menu?q=%FF')->{status}, 422, 'what is no UTF-8 is refused';
is $web->get('api/menu?q=%zz')->{status}, 400, 'what is no query is refused';


# ---- one course, units

$r = $web->get('api/courses/party-01');
is_deeply $r->json, $first, 'a course is the same by itself';
problem($web->get('api/courses/nothing'), 404, 'not_found', undef,
        'an unknown course');

my @units = @{$web->get('api/units')->json->{items}};

is scalar(grep { $_->{type} eq 'centre' } @units), 1, 'one centre';
is scalar(grep { $_->{type} eq 'institute' } @units), 13,
   'thirteen institutes';
ok !(grep { $_->{type} !~ /^(?:centre|institute|station|base)$/ } @units),
   'types are the four of the network';

my ($unit) = grep { $_->{id} eq 'wenyilu' } @units;

is $unit->{parent}, 'furong', 'an institute stands below the centre';
is $unit->{name}, '文艺路街道新时代文明实践所', 'and has its name';


# ---- timetable

my $table = $web->get('api/timetable')->json->{items};

ok @$table >= 15, 'four weeks of events: ' . @$table;
is_deeply [map { $_->{start} } @$table], [sort map { $_->{start} } @$table],
          'in the order of their beginning';
ok !(grep { $_->{status} ne 'published' } @$table), 'published ones';
like $table->[0]{start}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/,
     'instants are ISO 8601 with the offset';

my $part = $web->get('api/timetable', query => { unit => 'wenyilu' })
               ->json->{items};

ok @$part > 0 && !(grep { $_->{unit} !~ /^wenyilu/ } @$part),
   'of one institute and its stations';

my $day = substr $table->[3]{start}, 0, 10;
$part = $web->get('api/timetable', query => { from => $day, to => $day })
            ->json->{items};

ok @$part > 0 && !(grep { index($_->{start}, $day) } @$part),
   'of one day, the last one included';
problem($web->get('api/timetable', query => { from => '2026-02-30' }), 422,
        'invalid', ['from'], 'the 30th of February is refused');


# ---- pages and fragments

my $page = $web->get('menu');

page($page, 200, ['课程菜单', '党员教育', '区委组织部'], 'the menu as a page');
page($web->get('menu', query => { practice => 'theory', q => '党课' }), 200,
     ['党课'], 'with a filter');
page($web->get('course/party-01'), 200, ['党员教育', '我要点单'],
     'a course as a page, with its form');
page($web->get('course/nothing'), 404, ['没有找到您要的内容'],
     'an unknown course as a page');
page($web->get('timetable'), 200, ['课程表', $table->[0]{title}],
     'the timetable as a page');
unlike $page->{body}, qr/<script(?! type="module" src=)|\son\w+=|style="/i,
       'without script or style that the CSP does not know';

for my $name (qw(menu timetable)) {
    my $f = $web->get("fragment/$name");

    is $f->{status}, 200, "fragment/$name";
    like $f->type, qr{^text/html}, 'is HTML';
    unlike $f->{body}, qr/[^\x00-\x7f]/, 'in ASCII';
    unlike $f->{body}, qr/<form|<input|<button/i, 'without forms';
    ok !defined $f->cookie, 'without cookies';
    like Wenming::Answer::unescape($f->text),
         $name eq 'menu' ? qr/党员教育/ : qr/\Q$table->[0]{title}\E/,
         'and says the same';

    my @links = $f->{body} =~ /href="([^"]*)"/g;

    ok @links && !(grep { index $_, $site->public_url } @links),
       'its links are absolute';
}


# ---- caches

$r = $web->get('api/menu');

my $etag = $r->header('etag');

ok defined $etag, 'a public document has an ETag';
ok !defined $r->cookie, 'and no cookie';
is $web->get('api/menu', headers => { 'If-None-Match' => $etag })->{status},
   304, 'which brings 304';
is $web->get('api/menu', headers => { 'If-None-Match' => '"other"' })
       ->{status}, 200, 'unless it is another one';
is_deeply [map { $web->get('api/menu')->{body} eq $r->{body} } 1 .. 20],
          [(1) x 20], 'every worker says the same';

end();
