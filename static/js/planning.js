// The week as a calendar to drag in, on wide screens. It only fills the address of the form that exists without it.
(function () {
  "use strict";
  var box = document.getElementById("semana"), data = document.getElementById("eventos");
  var wide = window.matchMedia("(min-width: 60rem)");
  if (!box || !data || !window.EventCalendar || !wide.matches) return;
  var week = JSON.parse(data.textContent);

  function two(number) { return (number < 10 ? "0" : "") + number; }
  function day(at) { return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()); }
  function clock(at) { return two(at.getHours()) + ":" + two(at.getMinutes()); }
  function go(url, start, end) {
    location.assign(url + "?dia=" + day(start) + "&abre=" + clock(start) + "&cierra=" + clock(end));
  }

  // A drawing for the mouse: the list below it says the same to screen readers and takes the keyboard.
  var drawing = box.querySelector("[data-mx-calendar]");
  drawing.setAttribute("aria-hidden", "true");
  function skip(element) {
    element.removeAttribute("role");
    element.tabIndex = -1;
  }

  box.hidden = false;
  wide.addEventListener("change", function () { box.hidden = !wide.matches; });
  window.EventCalendar.create(drawing, {
    view: "timeGridWeek",
    date: week.date,
    firstDay: 1,
    locale: box.getAttribute("data-mx-locale"),
    headerToolbar: { start: "", center: "", end: "" },
    allDaySlot: false,
    slotMinTime: "06:00:00",
    slotMaxTime: "22:00:00",
    slotDuration: "00:30:00",
    height: "34rem",
    nowIndicator: false,
    highlightedDates: week.today ? [week.today] : [],
    dayHeaderFormat: { weekday: "short", day: "numeric" },
    slotLabelFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    eventTimeFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    events: week.events,
    selectable: Boolean(week.new),
    eventDurationEditable: Boolean(week.new),
    eventStartEditable: Boolean(week.new),
    eventDidMount: function (info) { skip(info.el); },
    eventClick: function (info) { location.assign(info.event.extendedProps.url); },
    eventDrop: function (info) { go(info.event.extendedProps.url, info.event.start, info.event.end); },
    eventResize: function (info) { go(info.event.extendedProps.url, info.event.start, info.event.end); },
    select: function (info) { go(week.new, info.start, info.end); },
  });
  [].forEach.call(drawing.querySelectorAll(".ec-main, .ec-body"), skip);  // what scrolls would be a stop of the Tab key
})();
